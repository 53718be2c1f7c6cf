import { z } from "zod";
import type { HookClass, HookSpecifier, HooksConfig as Input, ResolvedHooksConfig as Resolved } from "../../contract/index.js";
import { field, flag, text } from "../fields.js";
import { BUILT_IN_HOOKS } from "./table.js";

const SPECIFIER = /^[^#\s].*#[A-Za-z_$][\w$]*$/;
const SPECIFIER_FORMS = '"./file.js#Name", "package/hooks#Name"';
const HOOK_FORMS =
  `a hook class (not an instance: register that with trainer.hookManager.registerHook), ${SPECIFIER_FORMS}, ` +
  "or { hook, key?, config? }";

const hookClass = () =>
  field(
    z.custom<HookClass>((value) => typeof value === "function"),
    "A hook class.",
    { codeOnly: true },
  );
const specifier = () =>
  field(z.string().regex(SPECIFIER), "The file or package of a hook, and the name it exports.", { allowed: SPECIFIER_FORMS });

const entry = () =>
  z.strictObject({
    hook: field(z.union([hookClass(), specifier()]), "The hook.", { allowed: `a hook class, ${SPECIFIER_FORMS}` }),
    key: field(text().optional(), "The name that its state is saved under."),
    config: field(z.unknown().optional(), "What its constructor takes."),
  });

const hookClasses = (): z.ZodType<readonly HookSpecifier[], readonly HookSpecifier[]> =>
  z
    .array(field(z.union([hookClass(), specifier(), entry()]), "A hook.", { allowed: HOOK_FORMS, tsType: "HookSpecifier" }))
    .readonly();

function switchOf(onByDefault: boolean | "auto"): z.ZodType {
  return onByDefault === "auto" ? z.union([z.boolean(), z.enum(["auto"])]).default("auto") : flag(onByDefault);
}

/** The switch and the config of every built-in hook. */
function builtIns(): Record<string, z.ZodType> {
  const shape: Record<string, z.ZodType> = {};
  for (const { enableKey, onByDefault, description, configKey, schema } of BUILT_IN_HOOKS) {
    if (enableKey !== null) shape[enableKey] = field(switchOf(onByDefault), description);
    if (configKey !== null && schema !== null) shape[configKey] = schema.prefault({});
  }
  return shape;
}

const schema = () =>
  z.strictObject({
    ...builtIns(),
    hookClasses: field(hookClasses().default([]), "Your own hooks, in the order in which they run, before the built-in ones."),
    hookConfigs: field(
      z.record(z.string().min(1), z.unknown()).readonly().default({}),
      "What the constructors of hookClasses take, by specifier or class name.",
    ),
  });

export type HooksConfig = Input;
/** The built-in hooks, each with its switch and its config, and your own. Its types are generated from the table of built-in hooks. */
export const HooksConfig: z.ZodType<Resolved, Input> = z.lazy(() =>
  field(schema(), "The built-in hooks, each with its switch and its config, and your own."),
) as unknown as z.ZodType<Resolved, Input>;
