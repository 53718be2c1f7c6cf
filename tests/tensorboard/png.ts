import { inflateSync } from "node:zlib";

/** The pixels of a PNG whose rows are stored with the filters None, Sub and Up. */
export function pixels(png: Buffer, channels: number): { width: number; height: number; data: number[] } {
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  const parts: Buffer[] = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    if (png.toString("latin1", at + 4, at + 8) === "IDAT") parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  const raw = inflateSync(Buffer.concat(parts));
  const stride = width * channels;
  const data: number[] = [];
  for (let row = 0; row < height; row++) {
    const filter = raw[row * (stride + 1)];
    for (let column = 0; column < stride; column++) {
      const stored = raw[row * (stride + 1) + 1 + column] as number;
      const left = filter === 1 && column >= channels ? (data[row * stride + column - channels] as number) : 0;
      const up = filter === 2 && row > 0 ? (data[(row - 1) * stride + column] as number) : 0;
      data.push((stored + left + up) & 255);
    }
  }
  return { width, height, data };
}
