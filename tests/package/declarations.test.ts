import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import ts from "typescript";
import { describe, expect, inject, test } from "vitest";
import { declarationFiles, entryDeclarations, problemsIn } from "./declarations/program.js";
import { keysWithDefaults } from "./declarations/schemas.js";
import { walkDeclarations } from "./declarations/walk.js";
import { saysSomething } from "./declarations/words.js";

const installed = join(inject("scratch"), "node_modules/trainscope");
const shown = walkDeclarations(installed, entryDeclarations(installed).values());
const places = (found: typeof shown): string[] => found.map(({ file, name }) => `${file}: ${name}`).sort();

test("the declarations compile, without skipLibCheck and without what is internal", () => {
  expect(problemsIn(installed)).toEqual([]);
});

describe("what an editor shows of everything public", () => {
  test("is found through every export", () => {
    const names = new Set(shown.map(({ name }) => name));
    const some = ["GenericTrainer", "GenericTrainer.fit", "TrainerView.requestStop", "HookMethods.onTrainBatchEnd"];
    const more = [
      "LoggerProtocol.logMetrics",
      "TrainerEvents.interval",
      "EarlyStoppingConfig.patience",
      "SummaryWriter.addScalar",
    ];
    expect([...some, ...more].filter((name) => !names.has(name))).toEqual([]);
    expect(shown.length).toBeGreaterThan(800);
  });

  test("has a comment that says more than the name", () => {
    expect(places(shown.filter(({ comment, ownName }) => !saysSomething(comment, ownName)))).toEqual([]);
  });

  test("has the default of each key that has one", async () => {
    const keys = await keysWithDefaults(installed, shown);
    expect(keys.size).toBeGreaterThan(150);
    const silent = shown.filter(
      ({ name, tags }) => keys.has(name) && !tags.some((tag) => tag.name === "default" && tag.text !== ""),
    );
    expect(places(silent)).toEqual([]);
  });

  test("has the sentence of each error code that a program gets from ERROR_CODES", async () => {
    const { ERROR_CODES } = (await import(pathToFileURL(join(installed, "dist/index.js")).href)) as {
      ERROR_CODES: Record<string, string>;
    };
    const codes = shown.filter(({ name }) => name.startsWith("ErrorCodes."));
    expect(codes.length).toBeGreaterThan(20);
    const sentences = codes.map(({ ownName, comment }) => [ownName, comment.replaceAll(/\s+/g, " ")] as const);
    expect(Object.fromEntries(sentences)).toEqual(ERROR_CODES);
  });

  test("has nothing internal: no tag, no leading underscore, no symbol of this package as a key", () => {
    const tagged = declarationFiles(installed).filter((file) => readFileSync(file, "utf8").includes("@internal"));
    expect(tagged).toEqual([]);
    const underscored = shown.filter(({ ownName }) => ownName.startsWith("_"));
    const keyedBySymbol = shown.filter(({ node }) => {
      const name = ts.getNameOfDeclaration(node);
      return name !== undefined && ts.isComputedPropertyName(name) && !name.expression.getText().startsWith("Symbol.");
    });
    expect(places([...underscored, ...keyedBySymbol])).toEqual([]);
  });
});

describe("a comment", () => {
  test.each([
    { comment: "The name.", name: "name", says: false },
    { comment: "", name: "name", says: false },
    { comment: "The logger backend's name.", name: "backendName", says: false },
    { comment: "Zero-based epoch.", name: "epoch", says: false },
    { comment: "Logs metrics.", name: "logMetrics", says: false },
    { comment: "Checks without improvement after which the run stops.", name: "patience", says: true },
    { comment: "At every log boundary.", name: "interval", says: true },
  ])("$comment on $name: $says", ({ comment, name, says }) => expect(saysSomething(comment, name)).toBe(says));
});
