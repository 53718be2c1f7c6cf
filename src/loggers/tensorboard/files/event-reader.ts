const decoder = new TextDecoder();

/** What the removal of steps needs to know of an event. */
export interface EventOutline {
  /** 0 where the event has none. */
  step: number;
  /** The tags of the summary's values; empty for an event of another kind. */
  tags: string[];
}

/** Receives the fields of one message: the bytes of a length-delimited field, else null and the number of a varint. */
type Visit = (field: number, value: number, bytes: Uint8Array | null) => void;

/**
 * The outline of the event in `data`, or null when that is not an event. Unknown fields are skipped. `isCut`: `data` is only the
 * beginning of an event, and the outline what it shows.
 */
export function outlineEvent(data: Uint8Array, isCut = false): EventOutline | null {
  const outline: EventOutline = { step: 0, tags: [] };
  const whole = eachField(data, (field, value, bytes) => {
    if (field === 2 && bytes === null) outline.step = value;
    else if (field === 5 && bytes !== null) readSummary(bytes, outline.tags);
  });
  return whole || isCut ? outline : null;
}

function readSummary(summary: Uint8Array, tags: string[]): void {
  eachField(summary, (field, _, value) => {
    if (field !== 1 || value === null) return;
    let tag = "";
    eachField(value, (inner, __, bytes) => {
      if (inner === 1 && bytes !== null) tag = decoder.decode(bytes);
    });
    tags.push(tag);
  });
}

/** Visits each field of a message, the last one also where it is cut off; false when the bytes are not a whole message. */
function eachField(data: Uint8Array, visit: Visit): boolean {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; at < data.length && scale < 2 ** 70; scale *= 128) {
      const byte = data[at++] as number;
      value += (byte & 127) * scale;
      if (byte < 128) return value < 2 ** 63 ? value : value - 2 ** 64; // int64: steps over 2^53 are rounded
    }
    at = data.length + 1;
    return -1;
  };
  while (at < data.length) {
    const key = varint();
    const field = Math.floor(key / 8);
    const type = key & 7;
    if (type === 0) visit(field, varint(), null);
    else if (type === 1) at += 8;
    else if (type === 5) at += 4;
    else if (type === 2) {
      const length = varint();
      if (length < 0) return false;
      visit(field, 0, data.subarray(at, at + length));
      at += length;
    } else return false;
  }
  return at === data.length;
}
