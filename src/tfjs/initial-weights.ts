import { directlyHeld } from "./layers.js";
import { mix, nonZero } from "./seeding.js";
import type { TfjsOps } from "./ops.js";
import type { TfjsLayer, TfjsLayersModel, TfjsLayerVariable, TfjsTensor, TfjsVariable } from "./types.js";

/** What draws the initial value of a weight. Those that draw at random have a `seed`. */
interface Initializer {
  seed?: number | null | undefined;
  apply(shape: readonly number[], dtype: string): TfjsTensor;
  getClassName(): string;
}

/** A weight with the layer and the initializer that it comes from. */
interface InitialWeight {
  readonly layer: TfjsLayer;
  readonly variable: TfjsVariable;
  readonly initializer: Initializer;
}

/** Those that `seedInitialWeights` has drawn. */
const SEEDED = new WeakSet<TfjsVariable>();

/**
 * Draws the weights again that were drawn without a seed, by the initializer of their layer; those that `tf.loadLayersModel` loaded stay.
 * Each has a seed of its own, by `seed` and its place in the model.
 */
export function seedInitialWeights(ops: TfjsOps, model: TfjsLayersModel, seed: number): void {
  for (const [index, { variable, initializer }] of unseededWeights(model).entries()) {
    initializer.seed = nonZero(mix(seed, index));
    try {
      const value = ops.tidy(() => initializer.apply(variable.shape, variable.dtype));
      variable.assign(value);
      value.dispose();
    } finally {
      initializer.seed = null; // one object may be the initializer of several layers
    }
    SEEDED.add(variable);
  }
}

/** The layers whose weights were drawn without a seed, as far as can be seen: weights may have been set since. */
export async function unseededLayers(model: TfjsLayersModel): Promise<TfjsLayer[]> {
  const drawn = unseededWeights(model).filter(({ variable }) => !SEEDED.has(variable));
  if (drawn.length === 0) return [];
  const trained = new Map<TfjsLayer, boolean>();
  for (const { layer, variable, initializer } of initialWeights(model)) {
    if (!["Zeros", "Ones"].includes(initializer.getClassName())) continue;
    const values = await variable.data();
    trained.set(layer, trained.get(layer) === true || values.some((value) => value !== 0 && value !== 1));
  }
  const anyTrained = [...trained.values()].includes(true);
  const layers = new Set(drawn.map(({ layer }) => layer));
  return [...layers].filter((layer) => !(trained.get(layer) ?? anyTrained));
}

function unseededWeights(model: TfjsLayersModel): InitialWeight[] {
  return initialWeights(model).filter(({ initializer }) => "seed" in initializer && (initializer.seed ?? null) === null);
}

/** The weights whose initializer is known by the name that TensorFlow.js gives both, each once; without those that were loaded. */
function initialWeights(model: TfjsLayersModel): InitialWeight[] {
  const found: InitialWeight[] = [];
  const seen = new Set<TfjsLayer>();
  const visit = (layer: TfjsLayer): void => {
    if (seen.has(layer) || isLoaded(layer)) return;
    seen.add(layer);
    for (const inner of directlyHeld(layer)) visit(inner);
    for (const weight of layer.weights) {
      const initializer = initializerOf(layer, weight);
      if (initializer !== null) found.push({ layer, variable: weight.read() as TfjsVariable, initializer });
    }
  };
  visit(model);
  return found;
}

/** TensorFlow.js fills the weights of a layer that it loads with zeros first, and keeps the mark. */
function isLoaded(layer: TfjsLayer): boolean {
  return (layer as { fastWeightInitDuringBuild?: boolean }).fastWeightInitDuringBuild === true;
}

/** `dense/kernel` is drawn by `kernelInitializer`, `lstm_cell/recurrent_kernel` by `recurrentInitializer`. */
function initializerOf(layer: TfjsLayer, { originalName }: TfjsLayerVariable): Initializer | null {
  const name = originalName.slice(originalName.lastIndexOf("/") + 1);
  const fields = layer as unknown as Readonly<Record<string, Initializer | boolean | undefined>>;
  if (name === "bias" && fields["unitForgetBias"] === true) return null; // made of two initializers
  const initializer = fields[`${camelCase(name)}Initializer`] ?? fields[`${camelCase(name.replace("_kernel", ""))}Initializer`];
  return typeof initializer === "object" && typeof initializer.apply === "function" ? initializer : null;
}

function camelCase(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
