/**
 * What the callbacks of other tools are called, and what they are called here. Compared without case and underscores.
 * docs/from-keras-and-lightning.md has it as a table.
 */
export const NAMES_ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  onTrainStart: ["onTrainBegin", "onFitStart", "setup", "onInitEnd"],
  onEpochStart: ["onEpochBegin", "onTrainEpochStart", "onTrainEpochBegin"],
  onTrainBatchStart: ["onBatchBegin", "onBatchStart", "onTrainBatchBegin", "onStepBegin", "onStepStart"],
  onTrainBatchEnd: ["onBatchEnd", "onStepEnd", "onSubstepEnd", "onTrainStepEnd", "onBeforeZeroGrad", "onOptimizerStep"],
  onLogInterval: ["onYield", "onLog"],
  onValidationStart: ["onTestBegin", "onTestStart", "onValidationBegin", "onValidationEpochStart", "onValidationBatchStart"],
  onValidationBatchEnd: ["onTestBatchEnd", "onValBatchEnd", "onPredictionStep"],
  onValidationEnd: ["onTestEnd", "onValidationEpochEnd", "onValEnd", "onEvaluate", "onEvalEnd"],
  onCheckpoint: ["onSaveCheckpoint"],
  onCheckpointSaved: ["onSave"],
  onException: ["onError"],
  onStop: ["onKeyboardInterrupt"],
  onTrainEnd: ["onFitEnd", "teardown"],
  state: ["stateDict", "getState"],
  loadState: ["loadStateDict", "onLoadCheckpoint", "setState"],
};

const HERE: ReadonlyMap<string, string> = new Map(
  Object.entries(NAMES_ELSEWHERE).flatMap(([here, others]) =>
    [here, ...others].map((name): [string, string] => [bare(name), here]),
  ),
);

/** The hook method or trait that does what Keras, Lightning or the trainer of transformers call `name`; null where none is known. */
export function namedElsewhere(name: string): string | null {
  return HERE.get(bare(name)) ?? null;
}

function bare(name: string): string {
  return name.replaceAll("_", "").toLowerCase();
}
