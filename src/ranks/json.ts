import type { Bounds, ProcessGroup } from "../contract/index.js";

/** Rank `root`'s value, on every rank. */
export async function broadcastJson<T>(group: ProcessGroup, value: T, root: number, bounds?: Bounds): Promise<T> {
  return decode<T>(await group.broadcast(encode(value), root, bounds));
}

/** Every rank's value, in rank order, on every rank. */
export async function gatherJson<T>(group: ProcessGroup, value: T, bounds?: Bounds): Promise<T[]> {
  return (await group.gather(encode(value), bounds)).map((bytes) => decode<T>(bytes));
}

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function decode<T>(bytes: Uint8Array): T {
  return JSON.parse(new TextDecoder().decode(bytes)) as T;
}
