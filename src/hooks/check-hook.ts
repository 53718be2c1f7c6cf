/** What may stand in a hook: a method that is never called, or a trait of the wrong kind, is refused when the hook is added. */
import { TrainscopeError } from "../support/errors.js";
import { nearest } from "../support/nearest.js";
import { valueText } from "../support/value-text.js";
import { HOOK_METHODS } from "./hook-methods.js";
import { namedElsewhere } from "./named-elsewhere.js";

interface Allowed {
  readonly text: string;
  readonly accepts: (value: unknown) => boolean;
}

const METHOD: Allowed = { text: "a function", accepts: (value) => typeof value === "function" };
const NAMES: Allowed = { text: "a list of metric names", accepts: (value) => isListOf(value, isName) };

const TRAITS: Readonly<Record<string, Allowed>> = {
  key: { text: "a name that is not empty", accepts: isName },
  reads: NAMES,
  monitors: { text: "a list of { monitor, path }", accepts: (value) => isListOf(value, isMonitored) },
  produces: NAMES,
  checkRun: METHOD,
  state: METHOD,
  loadState: METHOD,
  wouldStop: METHOD,
};

const KEYS: ReadonlyMap<string, Allowed> = new Map([
  ...HOOK_METHODS.map((name): [string, Allowed] => [name, METHOD]),
  ...Object.entries(TRAITS),
]);

/** Throws `ERR_CONFIG` at `path` for a hook that has something in it that this version would never call or read. */
export function checkHook(hook: object, path: string): void {
  if (isTensorFlowCallback(hook)) throw hookError(tensorFlowText(hook), path);
  const isPlain = isPlainObject(hook);
  if (isPlain && Object.entries(hook).every(([name, value]) => name === "key" || value === undefined))
    throw hookError(
      `There is no hook method in it, so it would never be called.\nHook methods: ${HOOK_METHODS.join(", ")}.`,
      path,
    );
  for (const name of namesOf(hook)) {
    const allowed = KEYS.get(name);
    if (allowed === undefined) {
      if (isPlain || isMistaken(name)) throw hookError(unknownText(name), `${path}.${name}`);
      continue; // a getter of the user's own is not called
    }
    const value = (hook as Readonly<Record<string, unknown>>)[name];
    if (value === undefined || allowed.accepts(value)) continue;
    throw hookError(`Found ${valueText(value)}. Allowed: ${allowed.text}.`, `${path}.${name}`);
  }
}

/** Every name that the hook or one of its classes defines, below `Object`. */
function namesOf(hook: object): Set<string> {
  const names = new Set<string>();
  for (let at: object | null = hook; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at) as object | null)
    for (const name of Object.getOwnPropertyNames(at)) if (name !== "constructor") names.add(name);
  return names;
}

/** A class may have methods of its own: only what is called like a hook method, here or in another tool, is a mistake. */
function isMistaken(name: string): boolean {
  if (!/^on(?=[A-Z_])|^on(train|epoch|valid|batch)/.test(name)) return false;
  return namedElsewhere(name) !== null || nearest(name, HOOK_METHODS) !== null;
}

function unknownText(name: string): string {
  const here = namedElsewhere(name) ?? nearest(name, KEYS.keys());
  const hint = here === null ? "" : ` Here it is ${here}.`;
  return `There is no hook method "${name}", so it would never be called.${hint}\nHook methods: ${HOOK_METHODS.join(", ")}.\nTraits: ${Object.keys(TRAITS).join(", ")}.`;
}

function isTensorFlowCallback(hook: object): boolean {
  const { setParams, setModel } = hook as { setParams?: unknown; setModel?: unknown };
  return typeof setParams === "function" && typeof setModel === "function";
}

function tensorFlowText(hook: object): string {
  return `${valueText(hook)} is a callback of TensorFlow.js: its methods take other arguments. For tf.callbacks.earlyStopping set hooks.enableEarlyStoppingHook and hooks.earlyStoppingConfig; write a custom callback as a hook: defineHook("name", { onEpochEnd(trainer, epoch, metrics) { … } }), and stop with trainer.requestStop(reason).\nHook methods: ${HOOK_METHODS.join(", ")}.`;
}

function isPlainObject(hook: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(hook);
  return prototype === Object.prototype || prototype === null;
}

function isListOf(value: unknown, isItem: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isItem);
}

function isName(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function isMonitored(value: unknown): boolean {
  const { monitor, path } = (value ?? {}) as { monitor?: unknown; path?: unknown };
  return isName(monitor) && isName(path);
}

function hookError(message: string, path: string): TrainscopeError {
  return new TrainscopeError("ERR_CONFIG", message, { path });
}
