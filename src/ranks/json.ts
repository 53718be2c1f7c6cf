import type { Bounds, ProcessGroup } from "../contract/index.js";

/**
 * The value that rank `root` passed, on every rank; what the others pass is ignored. It goes as JSON: NaN and infinities arrive as null,
 * undefined keys not at all.
 */
export async function broadcastJson<T>(group: ProcessGroup, value: T, root: number, bounds?: Bounds): Promise<T> {
  return decode<T>(await group.broadcast(encode(value), root, bounds));
}

/** The value of every rank, in rank order, on every rank. It goes as JSON, as that of `broadcastJson`. */
export async function gatherJson<T>(group: ProcessGroup, value: T, bounds?: Bounds): Promise<T[]> {
  return (await group.gather(encode(value), bounds)).map((bytes) => decode<T>(bytes));
}

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function decode<T>(bytes: Uint8Array): T {
  return JSON.parse(new TextDecoder().decode(bytes)) as T;
}
