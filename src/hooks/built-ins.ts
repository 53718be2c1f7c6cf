import type { Optimizer, ResolvedGenericTrainerConfig } from "../contract/index.js";
import { BUILT_IN_HOOKS } from "../config/index.js";
import { HOOK_LOADERS } from "./built-in/loaders.js";
import type { TrainerHooks } from "./trainer-hooks.js";

/** The built-in hooks that `config` turns on, in their order. Only their modules are imported. */
export function makeBuiltIns(config: ResolvedGenericTrainerConfig, optimizers: readonly Optimizer[]): Promise<TrainerHooks[]> {
  const made = BUILT_IN_HOOKS.filter((hook) => hook.isOn(config)).map(async ({ className, args }) => {
    const Hook = await HOOK_LOADERS[className]?.();
    return Hook === undefined
      ? []
      : [new (Hook as new (...args: readonly unknown[]) => TrainerHooks)(...args(config, optimizers))];
  });
  return Promise.all(made).then((hooks) => hooks.flat());
}
