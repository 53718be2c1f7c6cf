import { readFile, stat } from "node:fs/promises";
import { extname } from "node:path";
import type { LineCounter, Pair } from "yaml";
import type { GenericTrainerConfig as GenericTrainerInput } from "../contract/index.js";
import { isTrainscopeError, messageOf, TrainscopeError } from "../support/errors.js";
import { userPath } from "../support/user-path.js";
import { forbiddenKeys } from "./forbidden-keys.js";
import { GenericTrainerConfig } from "./generic-trainer.js";
import type { LoadOptions } from "./load-options.js";
import { assignAll, parseOverrides } from "./overrides.js";
import type { Problem } from "./problem.js";
import { check, errorOf } from "./problems.js";
import { withEnvironment } from "./environment.js";
import type { ConfigPath } from "./tree.js";

/** What `loadConfig` does; a module of its own, so that importing the package does not load it. */
export async function loadFile(path: string, options: LoadOptions): Promise<GenericTrainerInput> {
  const file = userPath(path, undefined, options.cwd);
  const parse = parserFor(path);
  const text = (await read(file, path)).replace(/^\uFEFF/, "");
  const content = withoutSchemaKey(await parse(text, path));
  const { assignments, problems: badOverrides } = parseOverrides(options.overrides ?? []);
  const forbidden = forbiddenKeys(content);
  if (forbidden.length > 0) throw await located([...forbidden, ...badOverrides], text, path, []);
  const overridden = assignments.map((assignment) => assignment.path);
  const { config, problems: blocked } = assignAll(content as GenericTrainerInput, badOverrides.length === 0 ? assignments : []);
  const problems = [...badOverrides, ...(check(GenericTrainerConfig, config).problems ?? blocked)];
  if (problems.length > 0)
    throw await located(problems, text, path, [...overridden, ...badOverrides.map((problem) => problem.path)]);
  return withEnvironment(config, options.env ?? process.env);
}

type Parser = (text: string, path: string) => unknown;

function parserFor(path: string): Parser {
  const extension = extname(path).toLowerCase();
  if (extension === ".json") return parseJson;
  if (extension === ".yaml" || extension === ".yml") return parseYaml;
  throw new TrainscopeError(
    "ERR_CONFIG",
    `${path} is not a config file: found the extension "${extension}". Allowed: .yaml, .yml, .json.`,
  );
}

/** A config of people has kilobytes. */
const MAX_MEGABYTES = 1;

async function read(file: string, path: string): Promise<string> {
  try {
    const info = await stat(file);
    if (info.isFile() && info.size <= MAX_MEGABYTES * 2 ** 20) return await readFile(file, "utf8");
    const size = `it has ${Math.ceil(info.size / 2 ** 20)} MB, and may have ${MAX_MEGABYTES}`;
    throw unreadable(path, info.isFile() ? size : "it is not a file");
  } catch (cause) {
    throw isTrainscopeError(cause) ? cause : unreadable(path, messageOf(cause), cause);
  }
}

function unreadable(path: string, why: string, cause?: unknown): TrainscopeError {
  return new TrainscopeError("ERR_CONFIG", `The config file ${path} could not be read: ${why}.`, { cause });
}

async function parseYaml(text: string, path: string): Promise<unknown> {
  const { LineCounter, parseDocument, visit } = await import("yaml");
  const lineCounter = new LineCounter();
  // Its own search for double keys compares each with each.
  const document = parseDocument(text, { merge: true, uniqueKeys: false, lineCounter });
  const [problem] = document.errors;
  if (problem !== undefined)
    throw new TrainscopeError("ERR_CONFIG", `${path} is not valid YAML: ${problem.message.trimEnd()}`, { cause: problem });
  visit(document, { Map: (_key, { items }) => refuseDoubleKeys(items, path, lineCounter) });
  try {
    return document.toJS({ maxAliasCount: 100 }) ?? {};
  } catch (cause) {
    throw new TrainscopeError("ERR_CONFIG", `${path} is not valid YAML: ${messageOf(cause)}`, { cause });
  }
}

function refuseDoubleKeys(pairs: readonly Pair[], path: string, lines: LineCounter): void {
  const seen = new Set<string>();
  for (const { key } of pairs) {
    const { value, range } = key as { value?: unknown; range?: readonly number[] | null };
    const name = String(value);
    if (seen.has(name) && name !== "<<")
      throw new TrainscopeError(
        "ERR_CONFIG",
        `${path} is not valid YAML: Map keys must be unique, and "${name}" is there again at line ${lines.linePos(range?.[0] ?? 0).line}.`,
      );
    seen.add(name);
  }
}

async function parseJson(text: string, path: string): Promise<unknown> {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    const { parseDocument } = await import("yaml");
    const position = parseDocument(text, { uniqueKeys: false }).errors[0]?.linePos?.[0];
    const at = position === undefined ? "" : ` (near line ${position.line}, column ${position.col})`;
    throw new TrainscopeError("ERR_CONFIG", `${path} is not valid JSON${at}: ${messageOf(cause)}`, { cause });
  }
}

function withoutSchemaKey(content: unknown): unknown {
  if (typeof content !== "object" || content === null || !Object.hasOwn(content, "$schema")) return content;
  const { $schema: _dropped, ...rest } = content as Record<string, unknown>;
  return rest;
}

/** The problems as one error; each that is in the file with its line. */
async function located(
  problems: readonly Problem[],
  text: string,
  path: string,
  elsewhere: readonly ConfigPath[],
): Promise<TrainscopeError> {
  const { LineCounter, parseDocument, isMap, isSeq } = await import("yaml");
  const lines = new LineCounter();
  const document = parseDocument(text, { merge: true, uniqueKeys: false, lineCounter: lines });
  const lineOf = (keys: ConfigPath): number | null => {
    let node: unknown = document.contents;
    let offset: number | undefined;
    for (const key of keys) {
      const pair = isMap(node) ? node.items.find((item) => String(item.key) === String(key)) : undefined;
      const next = isMap(node) ? pair?.value : isSeq(node) ? node.items[Number(key)] : undefined;
      const start = pair === undefined ? next : pair.key;
      if (typeof start !== "object" || start === null) break;
      offset = (start as { range?: readonly number[] | null }).range?.[0] ?? offset;
      node = next;
    }
    return offset === undefined ? null : lines.linePos(offset).line;
  };
  const isElsewhere = (keys: ConfigPath): boolean => elsewhere.some((other) => other.every((key, index) => keys[index] === key));
  return errorOf(
    problems.map((problem) => {
      if (isElsewhere(problem.path)) return problem;
      const line = lineOf(problem.path);
      return { ...problem, message: `${problem.message}\nIn ${path}${line === null ? "" : `, line ${line}`}.` };
    }),
  );
}
