/**
 * CRC-32C (Castagnoli), eight bytes per iteration ("slicing by eight"); `zlib.crc32` has another polynomial.
 *
 * The register is linear: its value after some bytes is the exclusive or of what as many zero bytes make of it and of what the
 * bytes make of a register of 0. So bytes that are always the same take four look-ups, whatever their length (`ZeroBytes`).
 */
const POLYNOMIAL = 0x82f63b78;
const TABLES = makeTables();
const [T0, T1, T2, T3, T4, T5, T6, T7] = TABLES as unknown as Tables;
type Tables = readonly [Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array];

/** The CRC-32C of `bytes[start, end)` in the form of event files: rotated by 15 bits, plus a constant. Unsigned. */
export function maskedCrc32c(bytes: Uint8Array, start: number, end: number): number {
  return masked(advance(REGISTER, bytes, start, end));
}

/** The CRC-32C of `bytes[start, end)`, unsigned. */
export function crc32c(bytes: Uint8Array, start = 0, end: number = bytes.length): number {
  return ~advance(REGISTER, bytes, start, end) >>> 0;
}

/** The register before any byte. */
export const REGISTER = -1;

/** The checksum of an event file's record with this register. Unsigned. */
export function masked(register: number): number {
  const crc = ~register;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** The register after `bytes[start, end)`. */
export function advance(register: number, bytes: Uint8Array, start: number, end: number): number {
  let crc = register;
  let at = start;
  for (; at + 8 <= end; at += 8) {
    crc ^= (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16);
    crc ^= (bytes[at + 3] as number) << 24;
    crc =
      (T7[crc & 255] as number) ^
      (T6[(crc >>> 8) & 255] as number) ^
      (T5[(crc >>> 16) & 255] as number) ^
      (T4[crc >>> 24] as number) ^
      (T3[bytes[at + 4] as number] as number) ^
      (T2[bytes[at + 5] as number] as number) ^
      (T1[bytes[at + 6] as number] as number) ^
      (T0[bytes[at + 7] as number] as number);
  }
  for (; at < end; at++) crc = (T0[(crc ^ (bytes[at] as number)) & 255] as number) ^ (crc >>> 8);
  return crc;
}

/** The register after four bytes, given as a little-endian word. */
export function advanceWord(register: number, word: number): number {
  const crc = register ^ word;
  return (
    (T3[crc & 255] as number) ^
    (T2[(crc >>> 8) & 255] as number) ^
    (T1[(crc >>> 16) & 255] as number) ^
    (T0[crc >>> 24] as number)
  );
}

/** What a number of zero bytes makes of a register, by each of its bytes: four tables of 256. */
export type ZeroBytes = Int32Array;

/** The register after the zero bytes that the tables are for. */
export function advanceZeros(register: number, zeros: ZeroBytes): number {
  return (
    (zeros[register & 255] as number) ^
    (zeros[256 + ((register >>> 8) & 255)] as number) ^
    (zeros[512 + ((register >>> 16) & 255)] as number) ^
    (zeros[768 + (register >>> 24)] as number)
  );
}

/** The tables for `count` zero bytes: single bits are computed byte by byte, the other entries from them. */
export function zeroBytes(count: number): ZeroBytes {
  const zeros = new Int32Array(1024);
  for (let bit = 0; bit < 32; bit++) {
    let crc = 1 << bit;
    for (let step = 0; step < count; step++) crc = (T0[crc & 255] as number) ^ (crc >>> 8);
    zeros[(bit >> 3) * 256 + (1 << (bit & 7))] = crc;
  }
  for (let at = 0; at < 1024; at++) {
    const byte = at & 255;
    const lowest = byte & -byte;
    if (byte !== lowest) zeros[at] = (zeros[at - lowest] as number) ^ (zeros[at - byte + lowest] as number);
  }
  return zeros;
}

function makeTables(): readonly Uint32Array[] {
  const tables = Array.from({ length: 8 }, () => new Uint32Array(256));
  const first = tables[0] as Uint32Array;
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    first[byte] = crc >>> 0;
  }
  for (let table = 1; table < 8; table++) {
    const previous = tables[table - 1] as Uint32Array;
    for (let byte = 0; byte < 256; byte++) {
      const crc = previous[byte] as number;
      (tables[table] as Uint32Array)[byte] = ((first[crc & 255] as number) ^ (crc >>> 8)) >>> 0;
    }
  }
  return tables;
}
