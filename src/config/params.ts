import type { ParamValue } from "../contract/index.js";
import { redactConfig, type PlainTree } from "./redact.js";

/** A tree as flat parameters: nested keys are joined with dots, lists and empty objects become JSON. */
export function flattenParams(tree: PlainTree): Record<string, ParamValue> {
  const params: [string, ParamValue][] = [];
  collect(tree, "", params);
  return Object.fromEntries(params);
}

function collect(value: PlainTree, path: string, into: [string, ParamValue][]): void {
  if (typeof value !== "object" || value === null) into.push([path, value]);
  else if (Array.isArray(value) || Object.keys(value).length === 0) into.push([path, JSON.stringify(value)]);
  else for (const [key, child] of Object.entries(value)) collect(child, path === "" ? key : `${path}.${key}`, into);
}

/** The config as YAML, redacted: what `config.yaml` holds. */
export async function configYaml(config: unknown): Promise<string> {
  const { stringify } = await import("yaml");
  return stringify(redactConfig(config), { lineWidth: 0 });
}
