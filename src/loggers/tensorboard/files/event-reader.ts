/** What a restart must know of an event: its step, and the tags of its summary. Unknown fields are skipped. */
const decoder = new TextDecoder();

export interface EventOutline {
  step: number;
  isSessionStart: boolean;
  /** The tags of the summary's values; empty for every other event. */
  tags: string[];
}

/** Field numbers of one level, with the bytes of length-delimited fields and the numbers of varints. */
type Visit = (field: number, value: number, bytes: Uint8Array | null) => void;

/** Outlines the event in `data`, or null when that is no event. */
export function outlineEvent(data: Uint8Array): EventOutline | null {
  const outline: EventOutline = { step: 0, isSessionStart: false, tags: [] };
  const whole = eachField(data, (field, value, bytes) => {
    if (field === 2 && bytes === null) outline.step = value;
    else if (field === 5 && bytes !== null) readSummary(bytes, outline.tags);
    else if (field === 7 && bytes !== null) {
      eachField(bytes, (inner, status) => {
        if (inner === 1 && status === 1) outline.isSessionStart = true;
      });
    }
  });
  return whole ? outline : null;
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

/** False when the bytes are not the fields of a message. */
function eachField(data: Uint8Array, visit: Visit): boolean {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; at < data.length && scale < 2 ** 70; scale *= 128) {
      const byte = data[at++] as number;
      value += (byte & 127) * scale;
      if (byte < 128) return value < 2 ** 63 ? value : value - 2 ** 64; // int64; steps over 2^53 lose their last digits
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
      if (length < 0 || at + length > data.length) return false;
      visit(field, 0, data.subarray(at, at + length));
      at += length;
    } else return false;
  }
  return at === data.length;
}
