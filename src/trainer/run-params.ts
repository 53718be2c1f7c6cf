import type { LoaderSetup, ParamValue, ResolvedGenericTrainerConfig, RunSetup } from "../contract/index.js";
import { changedSettings } from "../config/params.js";
import { flatParams } from "../config/param-tree.js";
import { withoutSecrets } from "../config/redact.js";
import { optimizerKeys } from "../support/unique-names.js";

/**
 * The params of a run, flat: the user's own, what the trainer knows (optimizer, learning rate, batch size, model), and what of the config
 * differs from its defaults. Of one name the user's value counts, then the trainer's.
 */
export function paramsOf(config: ResolvedGenericTrainerConfig, setup: RunSetup | undefined): Record<string, ParamValue> {
  const own = withoutSecrets(flatParams(config.params).params);
  const known = setup === undefined ? {} : withoutSecrets(knownParams(setup));
  return { ...own, ...without(known, own), ...without(changedSettings(config), { ...own, ...known }) };
}

function without(
  params: Readonly<Record<string, ParamValue>>,
  taken: Readonly<Record<string, ParamValue>>,
): Record<string, ParamValue> {
  return Object.fromEntries(Object.entries(params).filter(([name]) => !Object.hasOwn(taken, name)));
}

function knownParams({ optimizers, train, modelName, parameterCount }: RunSetup): Record<string, ParamValue> {
  const names = optimizerKeys(optimizers);
  const rates = optimizers.map(({ learningRate }, i): [string, number] => [names[i] as string, learningRate]);
  const sizes = train.flatMap(({ name, batchSize }: LoaderSetup): [string, number][] =>
    batchSize === null ? [] : [[name, batchSize]],
  );
  return {
    ...(names.length === 0 ? {} : { optimizer: names.join(", ") }),
    ...alikeOrByName("learningRate", rates),
    ...alikeOrByName("batchSize", sizes, train.length),
    ...(modelName === null ? {} : { model: modelName }),
    ...(parameterCount === null ? {} : { parameterCount }),
  };
}

/** One param where all of `count` have the same value; else `name.<owner>` for each that has one. */
function alikeOrByName(name: string, values: readonly [string, number][], count: number = values.length): Record<string, number> {
  const [first] = values;
  if (first === undefined) return {};
  const areAlike = values.length === count && values.every(([, value]) => Object.is(value, first[1]));
  return areAlike ? { [name]: first[1] } : Object.fromEntries(values.map(([owner, value]) => [`${name}.${owner}`, value]));
}
