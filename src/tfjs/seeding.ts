import type { TfjsOps } from "./ops.js";
import type { TfjsLayer, TfjsTensor } from "./types.js";

const UNSEEDED = new Set(["GaussianNoise", "GaussianDropout", "AlphaDropout", "RandomWidth", "RandomHeight"]);
const RECURRENT_CELLS = new Set(["SimpleRNNCell", "GRUCell", "LSTMCell", "ConvLSTM2DCell"]);

interface RandomLayer {
  seed?: number | undefined;
  rate?: number;
  dropout?: number;
  recurrentDropout?: number;
  dropoutFunc?: ((tensor: TfjsTensor, rate: number) => TfjsTensor) | null | undefined;
}

/**
 * Makes the random layers of a model draw by `context.stepSeed`, so that a resumed run drops the same units.
 * - `Dropout`, `SpatialDropout1D` and the dropout of recurrent cells draw from the step's seed, another stream for
 *   every layer and every call in the step. A `seed` given to the layer is not used in training: TensorFlow.js would
 *   drop the same units in every step. `getConfig` and `model.save` still see it.
 * - Gaussian noise and dropout, alpha dropout and the random preprocessing layers cannot be seeded; `unseeded` names them.
 */
export class StepSeeds {
  /** Layers that draw random numbers no seed reaches. */
  readonly unseeded: readonly TfjsLayer[];
  #stepSeed = 0;
  #draws = 0;
  #active = false;

  constructor(ops: TfjsOps, layers: readonly TfjsLayer[]) {
    this.unseeded = layers.filter((layer) => UNSEEDED.has(layer.getClassName()));
    for (const layer of layers) {
      if (layer.getClassName().endsWith("Dropout") || layer.getClassName() === "SpatialDropout1D") this.#seedLayer(layer);
      else if (RECURRENT_CELLS.has(layer.getClassName())) this.#seedCell(ops, layer);
    }
  }

  /** From here on the layers draw by `stepSeed`, each draw from a stream of its own. */
  begin(stepSeed: number): void {
    this.#stepSeed = stepSeed;
    this.#draws = 0;
    this.#active = true;
  }

  /** From here on the layers draw as TensorFlow.js has it. */
  end(): void {
    this.#active = false;
  }

  #seedLayer(layer: TfjsLayer): void {
    let own = (layer as RandomLayer).seed;
    Object.defineProperty(layer, "seed", {
      configurable: true,
      enumerable: true,
      get: () => (this.#active ? this.#next() : own),
      set: (seed: number | undefined) => {
        own = seed;
      },
    });
  }

  #seedCell(ops: TfjsOps, layer: TfjsLayer): void {
    const cell = layer as RandomLayer;
    cell.dropoutFunc ??= (tensor, rate) => ops.dropout(tensor, rate, undefined, this.#active ? this.#next() : Math.random());
  }

  #next(): number {
    return nonZero(mix(this.#stepSeed, this.#draws++));
  }
}

/** A seed that is not 0, which some operations of TensorFlow.js read as "no seed". */
export function nonZero(seed: number): number {
  return seed === 0 ? 0x9e3779b9 : seed;
}

/** 32 well-mixed bits of two numbers (the finalizer of MurmurHash3). */
export function mix(seed: number, stream: number): number {
  let hash = Math.imul(seed ^ Math.imul(stream + 1, 0x9e3779b1), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
