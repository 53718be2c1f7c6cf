/**
 * A batch as JSON text, to be inspected after the run.
 * - Typed arrays become `{ type, data }`, tensors `{ type, dtype, shape, data }`; NaN, infinities and -0 become strings.
 * - What cannot be read (a disposed tensor, a cycle) is replaced by a note; it never throws.
 * - At most `MAX_VALUES` numbers are written; `truncatedFrom` gives the length of an array that was cut.
 */
import { messageOf } from "../../support/errors.js";
import { exactJsonNumber } from "../../support/json-number.js";

/** What tensor libraries share; TensorFlow.js has all of it. */
interface DeviceTensor {
  dtype?: unknown;
  shape?: unknown;
  clone(): DeviceTensor;
  dispose(): void;
  data(): Promise<ArrayLike<unknown>> | ArrayLike<unknown>;
}

const MAX_VALUES = 4_000_000;
const MAX_DEPTH = 12;

/** Holds a batch so that its tensors outlive the step that consumes them. Cheap: clones share their data. */
export class BatchHold {
  #batch: unknown = null;
  readonly #clones = new Map<object, DeviceTensor>();

  hold(batch: unknown): void {
    this.release();
    this.#batch = batch;
    this.#clone(batch, 0);
  }

  /** The held batch as JSON. */
  async toJson(about: Readonly<Record<string, unknown>>): Promise<string> {
    const budget = { left: MAX_VALUES };
    const batch = await encode(this.#batch, this.#clones, budget, new Set(), 0);
    return `${JSON.stringify({ ...(encodePlain(about) as object), batch })}\n`;
  }

  release(): void {
    for (const clone of this.#clones.values()) clone.dispose();
    this.#clones.clear();
    this.#batch = null;
  }

  #clone(value: unknown, depth: number): void {
    if (typeof value !== "object" || value === null || depth > MAX_DEPTH || ArrayBuffer.isView(value) || this.#clones.has(value))
      return;
    if (isDeviceTensor(value)) {
      this.#clones.set(value, value.clone());
      return;
    }
    // Long arrays hold samples, not tensors: looking at the first few keeps the hold cheap.
    const children = Array.isArray(value) ? value.slice(0, 64) : Object.values(value);
    for (const child of children) this.#clone(child, depth + 1);
  }
}

function isDeviceTensor(value: object): value is DeviceTensor {
  const { clone, dispose, data } = value as Partial<Record<"clone" | "dispose" | "data", unknown>>;
  return typeof clone === "function" && typeof dispose === "function" && typeof data === "function";
}

type Budget = { left: number };

async function encode(
  value: unknown,
  clones: ReadonlyMap<object, DeviceTensor>,
  budget: Budget,
  above: Set<object>,
  depth: number,
): Promise<unknown> {
  if (typeof value !== "object" || value === null) return encodePlain(value);
  if (above.has(value)) return "<the same object as above>";
  if (depth > MAX_DEPTH) return "<too deep>";
  try {
    if (ArrayBuffer.isView(value)) return encodeArray(value as unknown as ArrayLike<unknown>, value.constructor.name, budget);
    if (isDeviceTensor(value)) return await encodeTensor(value, clones.get(value), budget);
    above.add(value);
    if (Array.isArray(value)) return await encodeList(value, clones, budget, above, depth);
    const entries: [string, unknown][] = [];
    for (const [key, child] of Object.entries(value)) entries.push([key, await encode(child, clones, budget, above, depth + 1)]);
    return Object.fromEntries(entries);
  } catch (error) {
    return `<not readable: ${messageOf(error)}>`;
  } finally {
    above.delete(value);
  }
}

async function encodeList(
  values: unknown[],
  clones: ReadonlyMap<object, DeviceTensor>,
  budget: Budget,
  above: Set<object>,
  depth: number,
): Promise<unknown> {
  const encoded: unknown[] = [];
  for (const child of values) {
    if (budget.left-- <= 0) return { data: encoded, truncatedFrom: values.length };
    encoded.push(await encode(child, clones, budget, above, depth + 1));
  }
  return encoded;
}

async function encodeTensor(tensor: DeviceTensor, clone: DeviceTensor | undefined, budget: Budget): Promise<unknown> {
  const data = await (clone ?? tensor).data();
  return { ...encodeArray(data, "Tensor", budget), dtype: tensor.dtype, shape: tensor.shape };
}

function encodeArray(
  values: ArrayLike<unknown>,
  type: string,
  budget: Budget,
): { type: string; data: unknown[]; truncatedFrom?: number } {
  const length = Math.min(values.length ?? 0, Math.max(0, budget.left));
  budget.left -= length;
  const data = Array.from({ length }, (_, i) => encodePlain(values[i]));
  return length === values.length ? { type, data } : { type, data, truncatedFrom: values.length };
}

/** What JSON cannot hold, as strings; objects one level deep. */
function encodePlain(value: unknown): unknown {
  if (typeof value === "number") return exactJsonNumber(value);
  if (typeof value === "bigint" || typeof value === "symbol" || typeof value === "function" || value === undefined)
    return String(value);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, encodePlain(child)]));
}
