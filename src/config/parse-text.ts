import { isSection, type ConfigNode } from "./tree.js";

// No digit can be read in two ways: a long text takes linear time.
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;

/** A number in a way that JSON does not know (`.5`, `+1`), where any value is allowed; not `007`, which may be a name. */
const FREE_NUMBER = /^[+-]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;

/** `text` as the value `node` describes, or null where it is none. Ranges are not checked here. */
export function parseText(text: string, node: ConfigNode): { value: unknown } | null {
  if (node.anyOf !== undefined) return parseForms(text, node.anyOf);
  if (node.enum !== undefined) return node.enum.includes(text) ? { value: text } : null;
  if (node.const !== undefined) return node.const === text ? { value: text } : null;
  if (node.type === "string") return { value: text };
  if (node.type === "integer" || node.type === "number") return parseNumber(text);
  if (node.type === "boolean") return text === "true" || text === "false" ? { value: text === "true" } : null;
  if (node.type === "array") return parseList(text, node.items ?? {});
  const json = parseJson(text);
  if (node.type === "object") return isSection(json?.value) ? json : null;
  return json ?? { value: FREE_NUMBER.test(text) ? Number(text) : text };
}

function parseNumber(text: string): { value: number } | null {
  const value = NUMBER.test(text) ? Number(text) : NaN;
  return Number.isFinite(value) ? { value } : null;
}

/** The first form that reads the text; a string reads any, so it comes last. */
function parseForms(text: string, forms: readonly ConfigNode[]): { value: unknown } | null {
  const inFiles = forms.filter((form) => form.codeOnly !== true);
  for (const form of inFiles.toSorted((a, b) => Number(a.type === "string") - Number(b.type === "string"))) {
    const parsed = parseText(text, form);
    if (parsed !== null) return parsed;
  }
  return null;
}

/** A list as JSON, or as `[a, b]` whose items are read one by one. */
function parseList(text: string, items: ConfigNode): { value: unknown } | null {
  if (!text.startsWith("[") || !text.endsWith("]")) return null;
  const json = parseJson(text);
  if (Array.isArray(json?.value)) {
    const values: readonly unknown[] = json.value;
    return { value: items.type === "string" ? values.map((item) => (typeof item === "number" ? String(item) : item)) : values };
  }
  const inner = text.slice(1, -1).trim();
  if (/[[\]{}"]/.test(inner)) return null;
  const parsed = inner.split(",").map((item) => parseText(item.trim(), items));
  return parsed.every((item) => item !== null) ? { value: parsed.map((item) => item.value) } : null;
}

function parseJson(text: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}
