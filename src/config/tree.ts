import { z } from "zod";
import { fieldDocs, type FieldDoc } from "./fields.js";

/** One place of a config as its schema describes it: a JSON Schema node with what `FieldDoc` adds. */
export interface ConfigNode extends FieldDoc {
  type?: string;
  enum?: readonly string[];
  const?: unknown;
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  exclusiveMaximum?: number;
  minLength?: number;
  properties?: Readonly<Record<string, ConfigNode>>;
  additionalProperties?: boolean | ConfigNode;
  items?: ConfigNode;
  anyOf?: readonly ConfigNode[];
}

export type ConfigPath = readonly PropertyKey[];

const trees = new WeakMap<z.ZodType, ConfigNode>();

/** The tree of `schema`, built when it is first asked for: by errors, overrides and generators, never by a valid config. */
export function treeOf(schema: z.ZodType): ConfigNode {
  let tree = trees.get(schema);
  if (tree === undefined) {
    tree = z.toJSONSchema(schema, { io: "input", unrepresentable: "any", metadata: fieldDocs, override: tidy }) as ConfigNode;
    trees.set(schema, tree);
  }
  return tree;
}

/** Removes what only says how the schema is written. */
function tidy({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  delete jsonSchema.readOnly;
  delete jsonSchema.propertyNames;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
}

/** The node at `path`, or null where the schema has none. */
export function nodeAt(root: ConfigNode, path: ConfigPath): ConfigNode | null {
  let node: ConfigNode | null = root;
  for (const key of path) {
    if (node === null) return null;
    node = childOf(node, key);
  }
  return node;
}

/** The node of `key` in `node`; where several forms are allowed, in the first that has it. */
export function childOf(node: ConfigNode, key: PropertyKey): ConfigNode | null {
  if (node.properties !== undefined && Object.hasOwn(node.properties, key)) return node.properties[String(key)] ?? null;
  if (typeof key === "number" && node.items !== undefined) return node.items;
  if (typeof key === "string" && typeof node.additionalProperties === "object") return node.additionalProperties;
  for (const form of node.anyOf ?? []) {
    const child = childOf(form, key);
    if (child !== null) return child;
  }
  return null;
}

/** The keys of `node`, including those of each of several forms. */
export function keysOf(node: ConfigNode | null): readonly string[] {
  if (node === null) return [];
  const own = Object.entries(node.properties ?? {}).filter(([, child]) => child.internal !== true);
  return [...own.map(([key]) => key), ...(node.anyOf ?? []).flatMap(keysOf)];
}

/** Every dotted path under `node` that ends in `key`. */
export function placesOf(node: ConfigNode, key: string, prefix: readonly string[] = []): readonly string[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
    const path = [...prefix, name];
    return name === key ? [path.join(".")] : placesOf(child, key, path);
  });
}

/** True for a value that has keys of its own in a config: an object that is no list. */
export function isSection(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `hooks.hookClasses[1].key`, `metrics.perMetric["val/loss"]`. */
export function pathText(path: ConfigPath): string {
  let text = "";
  for (const key of path) {
    if (typeof key === "number") text += `[${key}]`;
    else if (/^[A-Za-z_$][\w$]*$/.test(String(key))) text += text === "" ? String(key) : `.${String(key)}`;
    else text += `[${JSON.stringify(String(key))}]`;
  }
  return text;
}

/** What may stand at `node`, in words. */
export function allowedOf(node: ConfigNode | null): string {
  if (node === null) return "anything";
  if (node.allowed !== undefined) return node.allowed;
  if (node.enum !== undefined) return node.enum.map((value) => JSON.stringify(value)).join(", ");
  if (node.const !== undefined) return JSON.stringify(node.const);
  if (node.anyOf !== undefined) return node.anyOf.map(allowedOf).join(", or ");
  if (node.type === "integer" || node.type === "number") return numbers(node);
  if (node.type === "boolean") return "true, false";
  if (node.type === "string") return node.minLength === undefined ? "a string" : "a string that is not empty";
  if (node.type === "array") return `a list, each item ${allowedOf(node.items ?? null)}`;
  if (node.type !== "object") return "anything";
  return typeof node.additionalProperties === "object"
    ? `an object, each value ${allowedOf(node.additionalProperties)}`
    : "an object";
}

function numbers(node: ConfigNode): string {
  const bounds: string[] = [];
  if (node.exclusiveMinimum !== undefined) bounds.push(`above ${node.exclusiveMinimum}`);
  if (node.minimum !== undefined) bounds.push(`of at least ${node.minimum}`);
  if (node.exclusiveMaximum !== undefined) bounds.push(`below ${node.exclusiveMaximum}`);
  if (node.maximum !== undefined) bounds.push(`of at most ${node.maximum}`);
  const kind = node.type === "integer" ? "an integer" : "a number";
  return bounds.length === 0 ? kind : `${kind} ${bounds.join(" and ")}`;
}
