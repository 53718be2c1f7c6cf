import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { requirePython, runPython } from "../support/peers.js";
import { CASES } from "./payloads/cases.js";

const python = requirePython("payloads against the tensorboard package");
const directory = mkdtempSync(join(tmpdir(), "trainscope-payloads-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe.skipIf(python === null)("the tensorboard package encodes the same for", () => {
  let wrong: Record<string, string> = {};
  beforeAll(() => {
    const described = CASES.map(({ name, kind, payloads, input }, number) => {
      const files = payloads.map((bytes, part) => {
        writeFileSync(join(directory, `${number}-${part}.bin`), bytes);
        return `${number}-${part}.bin`;
      });
      return { name, kind, files, ...input };
    });
    const list = join(directory, "cases.json");
    writeFileSync(list, JSON.stringify(described));
    const script = fileURLToPath(new URL("payloads/check.py", import.meta.url));
    wrong = JSON.parse(runPython(python ?? "", script, [list])) as Record<string, string>;
  });

  test.each(CASES.map(({ name }) => name))("%s", (name) => expect(wrong[name]).toBeUndefined());
});
