import type { LoaderSetup, LogDestination, RunInfo, RunSetup } from "../../contract/index.js";
import { numberText } from "../../support/number-text.js";
import type { Item } from "./items.js";
import { counted, countText, isAddress, shownPath, shownText } from "./shown.js";

/** Loaders that are shown one by one; of a run that has more, the rest is counted. */
const MAX_LOADERS = 6;

/** `run digits (attempt 2, from step 400)` */
export function runTitle({ runName, attempt, resumedFromStep }: RunInfo): string {
  const resumed = attempt > 1 ? ` (attempt ${attempt}, from step ${resumedFromStep ?? 0})` : "";
  return `run ${shownText(runName)}${resumed}`;
}

/** What the run trains, with what, for how long, and where its files are: as far as it is known. */
export function startItems({ setup, config, dir }: RunInfo): Item[] {
  return [
    { label: "model", values: setup === undefined ? [] : modelValues(setup) },
    { label: "optimizer", values: (setup?.optimizers ?? []).map(optimizerText) },
    { label: "train", values: loaderValues(setup?.train ?? []) },
    { label: "validation", values: loaderValues(setup?.validation ?? []) },
    { label: "length", values: lengthValues(config) },
    { label: "directory", values: [shownPath(dir)] },
  ];
}

/** Where else the run is logged: `own` is the name of the backend that shows it. */
export function loggedItem(destinations: readonly LogDestination[], own: string): Item {
  const others = destinations.filter(({ backend }) => backend !== own);
  const placeOf = (location: string): string => (isAddress(location) ? shownText(location) : shownPath(location));
  return { label: "logged to", values: others.map(({ backend, location }) => `${shownText(backend)}: ${placeOf(location)}`) };
}

function modelValues({ modelName, parameterCount, backend }: RunSetup): string[] {
  const parts = [
    modelName === null ? null : shownText(modelName),
    parameterCount === null ? null : counted(parameterCount, "parameter"),
    backend === null ? null : `on ${shownText(backend)}`,
  ].filter((part) => part !== null);
  return parts.length === 0 ? [] : [parts.join(", ")];
}

function optimizerText({ name, learningRate }: RunSetup["optimizers"][number]): string {
  return `${shownText(name)}, learning rate ${numberText(learningRate)}`;
}

function loaderValues(loaders: readonly LoaderSetup[]): string[] {
  const isOne = loaders.length === 1;
  const values = loaders.slice(0, MAX_LOADERS).map((loader) => loaderText(loader, isOne && loader.name === "default"));
  return loaders.length <= MAX_LOADERS ? values : [...values, `and ${countText(loaders.length - MAX_LOADERS)} more loaders`];
}

/** `clean: 8,000 samples, 125 batches of 64` */
function loaderText({ name, samples, batches, batchSize }: LoaderSetup, isUnnamed: boolean): string {
  const size = batchSize === null ? "" : ` of ${countText(batchSize)}`;
  const parts = [
    samples === null || !Number.isFinite(samples) ? null : counted(samples, "sample"),
    batches === Infinity ? `batches${size} without an end` : null,
    batches !== null && Number.isFinite(batches) ? `${counted(batches, "batch", "batches")}${size}` : null,
    batches === null && size !== "" ? `batches${size}` : null,
  ].filter((part) => part !== null);
  const text = parts.length === 0 ? "length not known" : parts.join(", ");
  return isUnnamed ? text : `${shownText(name)}: ${text}`;
}

function lengthValues({ maxEpochs, maxSteps, trainLoaderConfig }: RunInfo["config"]): string[] {
  const batches = trainLoaderConfig?.batchesPerEpoch;
  const perEpoch = batches === undefined ? "" : ` of ${counted(batches, "batch", "batches")}`;
  const epochs = maxEpochs === undefined ? null : `${counted(maxEpochs, "epoch")}${perEpoch}`;
  const steps = maxSteps === undefined ? null : counted(maxSteps, "step");
  if (epochs === null) return steps === null ? [] : [steps];
  return [steps === null ? epochs : `${epochs}, at most ${steps}`];
}
