import type { LayerDescription, ModelDescription, StepContext } from "../contract/index.js";
import { TrainscopeError } from "../support/errors.js";
import { checkedOptions } from "../support/option-keys.js";
import { CallbackModel, describeVariables } from "./callback-model.js";
import { describeLayers } from "./describe.js";
import { missingKernels, refuseMissingKernels } from "./kernels.js";
import { allLayers } from "./layers.js";
import { modelWarnings, unfrozenWarnings } from "./model-warnings.js";
import type { TfjsOps } from "./ops.js";
import { type NamedPart, namedParts } from "./parts.js";
import { type FilledPartsOptions, PARTS_INSTEAD, PARTS_RULES, type PartsOptions, type TfjsPartsStep } from "./parts-options.js";
import { PartSteps } from "./part-steps.js";
import { unseededNames, unseededWarnings } from "./seed-weights.js";
import { nonZero, StepSeeds } from "./seeding.js";
import { clearStop, stopReason } from "./stop-training.js";
import { trainingOf } from "./training.js";
import type { TfjsTensor } from "./types.js";

/**
 * Several models that are trained in one loop: a generator and a discriminator, an actor and a critic, a student and its frozen teacher.
 * - Every part is saved, with the state of its optimizer, so that a resumed run continues bit by bit.
 * - `minimize` takes gradients for its part alone: the other parts are constants in it.
 * - The layers of the parts' models draw their random numbers by `context.stepSeed`, but for those that `warnings` names.
 */
export class PartsModelAdapter<Batch> extends CallbackModel<Batch> {
  readonly #options: FilledPartsOptions<Batch>;
  readonly #parts: readonly NamedPart[];
  readonly #seeds: StepSeeds;
  readonly #info: { training: boolean; seed: number; minimize: TfjsPartsStep["minimize"] };

  constructor(ops: TfjsOps, given: PartsOptions<Batch>) {
    const options = checkedOptions<PartsOptions<Batch>, FilledPartsOptions<Batch>>(
      given,
      PARTS_RULES,
      "tfjsModel",
      PARTS_INSTEAD,
    );
    const parts = namedParts(options.parts);
    const trainings = parts.flatMap(({ name, optimizer, gradientClip, variables, trained }) =>
      optimizer === undefined ? [] : [{ name, ...trainingOf(ops, { variables, trained }, { optimizer, gradientClip, name }) }],
    );
    if (trainings.length === 0)
      throw new TrainscopeError("ERR_MODEL", "No part has an optimizer, so nothing is trained. Give one to each that is.", {
        path: "tfjsModel.parts",
      });
    const step = new PartSteps(ops, new Map(trainings.map((training) => [training.name, training.step])));
    const variables = parts.flatMap((part) => part.variables);
    const trained = parts.flatMap((part) => part.trained);
    const optimizers = trainings.map(({ optimizer }) => optimizer);
    super({ ops, step, optimizers, variables, trained, disposeBatches: options.disposeBatches }, options);
    this.#options = options;
    this.#parts = parts;
    this.#seeds = new StepSeeds(
      ops,
      parts.flatMap(({ model }) => (model === undefined ? [] : allLayers(model))),
    );
    const minimize = (part: string, loss: () => TfjsTensor): TfjsTensor => step.minimize(part, loss, this.#info.training);
    this.#info = { training: false, seed: 0, minimize: minimize as TfjsPartsStep["minimize"] };
  }

  /** As with one model: the run ends after the batch or epoch in which a program has set `stopTraining` of a part's model. */
  get stopRequested(): string | null {
    for (const { name, model } of this.#parts) {
      const reason = model === undefined ? null : stopReason(model, name);
      if (reason !== null) return reason;
    }
    return null;
  }

  /** Layers of the parts that are trained whose initial weights no seed reaches; those of the others are often set by the program. */
  async unseeded(): Promise<readonly string[]> {
    const layers = this.#parts.map(async ({ name, model, rename, trained }) =>
      model === undefined || trained.length === 0 ? [] : unseededNames(model, (layer) => `${name}/${rename(layer)}`),
    );
    return unseededWarnings((await Promise.all(layers)).flat());
  }

  /** The layers of every part as `<part>/<layer>`, and the topology of every model as `<part>.json`. */
  async describe(): Promise<ModelDescription> {
    const layers: LayerDescription[] = [];
    const files: NonNullable<ModelDescription["files"]> = [];
    for (const { name: part, model, variables, rename } of this.#parts) {
      if (model === undefined) layers.push(...describeVariables(variables));
      else {
        const described = await describeLayers(this.ops, model, rename);
        const inPart = (name: string): string => `${part}/${name}`;
        layers.push(
          ...described.layers.map((layer) => ({ ...layer, name: inPart(layer.name), inputs: layer.inputs.map(inPart) })),
        );
        files.push(...(described.files ?? []).map(({ bytes }) => ({ path: `${part}.json`, bytes })));
      }
    }
    const counts = this.#parts.flatMap(({ variables }) => variables.map(({ variable }) => variable.size));
    return { layers, files, parameterCount: counts.reduce((sum, count) => sum + count, 0) };
  }

  protected check(backend: string): readonly string[] {
    return this.#parts.flatMap(({ name, model, rename, variables, trained }) => {
      if (model === undefined) return [];
      clearStop(model);
      const warnings = modelWarnings(model, (layer) => `${name}/${rename(layer)}`, this.#seeds.unseeded);
      if (trained.length === 0) return warnings;
      refuseMissingKernels(backend, missingKernels(this.ops, model.layers));
      return [...warnings, ...unfrozenWarnings(model, { variables, trained })];
    });
  }

  protected open(_batch: Batch, context: StepContext, training: boolean): void {
    this.#info.seed = nonZero(context.stepSeed);
    this.#info.training = training;
    if (training) this.#seeds.begin(context.stepSeed);
  }

  protected loss(batch: Batch, training: boolean): TfjsTensor {
    const { step, evaluate = step } = this.#options;
    const returned = (training ? step : evaluate)(batch, this.#info);
    return this.report(returned, training ? "step" : "evaluate", training);
  }

  protected close(): void {
    this.#seeds.end();
  }
}
