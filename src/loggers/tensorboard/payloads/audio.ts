import { TrainscopeError } from "../../../support/errors.js";
import { valueText } from "../../../support/value-text.js";
import { ProtoWriter } from "../files/protobuf.js";
import { DataClass, pluginValue, stringTensor } from "./value.js";

const HEADER_BYTES = 44;
const BYTES_PER_SAMPLE = 2;
const PCM = 1;
const LOUDEST = 32_767;
/** `encoding = WAV` of the plugin's metadata. */
const WAV = new ProtoWriter().varint(2, 11).finish();

interface AudioOptions {
  /** The samples of several channels alternate. @default 1 */
  channels?: number | undefined;
}

/** Samples from -1 to 1 as a Summary.Value of TensorBoard's audio plugin. */
export function audioValue(
  tag: string,
  samples: Float32Array,
  sampleRateHz: number,
  options: AudioOptions = {},
): Uint8Array<ArrayBuffer> {
  const wav = encodeWav(samples, sampleRateHz, options);
  return pluginValue({ tag, plugin: "audio", content: WAV, dataClass: DataClass.blobs, tensor: stringTensor([1], [wav]) });
}

/**
 * A WAV file with 16 bits per sample. Samples are clamped to -1..1. Throws `ERR_METRIC_VALUE` for an impossible rate, and for samples that
 * are not finite or not floats: integers have another range.
 */
export function encodeWav(
  samples: Float32Array,
  sampleRateHz: number,
  { channels = 1 }: AudioOptions = {},
): Uint8Array<ArrayBuffer> {
  checkSound(samples, sampleRateHz, channels);
  const dataBytes = samples.length * BYTES_PER_SAMPLE;
  const file = new Uint8Array(HEADER_BYTES + dataBytes);
  const view = new DataView(file.buffer);
  const text = (at: number, word: string): void => {
    for (let index = 0; index < word.length; index += 1) file[at + index] = word.charCodeAt(index);
  };
  text(0, "RIFF");
  view.setUint32(4, HEADER_BYTES - 8 + dataBytes, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, PCM, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, sampleRateHz, true);
  view.setUint32(28, sampleRateHz * channels * BYTES_PER_SAMPLE, true);
  view.setUint16(32, channels * BYTES_PER_SAMPLE, true);
  view.setUint16(34, BYTES_PER_SAMPLE * 8, true);
  text(36, "data");
  view.setUint32(40, dataBytes, true);
  for (let index = 0; index < samples.length; index += 1) {
    const sample = Math.round(Math.min(1, Math.max(-1, samples[index] as number)) * LOUDEST);
    view.setInt16(HEADER_BYTES + index * BYTES_PER_SAMPLE, sample, true);
  }
  return file;
}

function checkSound(samples: Float32Array, sampleRateHz: number, channels: number): void {
  const refuse = (message: string): never => {
    throw new TrainscopeError("ERR_METRIC_VALUE", message);
  };
  if (!(samples instanceof Float32Array)) {
    refuse(
      `The samples are ${valueText(samples)}. Allowed: a Float32Array with samples from -1 to 1.\nOf 16 bits, divide by 32768.`,
    );
  }
  const odd = samples.findIndex((sample) => !Number.isFinite(sample));
  if (odd !== -1) refuse(`Sample ${odd} is ${samples[odd]}. Samples are from -1 to 1.`);
  const whole = Number.isInteger(sampleRateHz) && sampleRateHz > 0 && sampleRateHz * channels * BYTES_PER_SAMPLE < 2 ** 32;
  if (whole && Number.isInteger(channels) && channels > 0 && samples.length % channels === 0) return;
  refuse(
    `${samples.length} samples at ${valueText(sampleRateHz)} Hz in ${channels} channels cannot be written as sound.\n` +
      "The rate and the number of channels must be integers above 0, and every channel must have as many samples as the others.",
  );
}
