import type { ConfigPath } from "./tree.js";

/** A part that this version does not have, and the config that names it. Remove the entry when the part is built. */
interface MissingPart {
  part: string;
  /** What can be used instead. */
  instead: string;
  /** Dotted paths of keys. */
  keys: readonly string[];
  /** Values, by the dotted path of their key (without list positions). */
  values?: Readonly<Record<string, readonly string[]>>;
}

const LOGGERS_NOW = 'loggerType "console", "tensorboard", "none" or "composite", and your own backends in logging.loggers';

function logging(...keys: string[]): readonly string[] {
  return keys.map((key) => `logging.${key}`);
}

function loggerNamed(name: string): Readonly<Record<string, readonly string[]>> {
  return { "logging.loggerType": [name], "logging.compositeLoggers": [name] };
}

const MISSING_PARTS: readonly MissingPart[] = [
  {
    part: "Weights & Biases",
    instead: LOGGERS_NOW,
    keys: [
      ...logging("wandbProject", "wandbEntity", "wandbName", "wandbMode", "wandbId", "wandbResume"),
      ...logging("wandbTags", "wandbNotes", "wandbGroup", "wandbJobType"),
    ],
    values: loggerNamed("wandb"),
  },
  {
    part: "MLflow",
    instead: LOGGERS_NOW,
    keys: logging("mlflowTrackingUri", "mlflowExperimentName", "mlflowRunName", "mlflowRunId", "mlflowTags", "mlflowMode"),
    values: loggerNamed("mlflow"),
  },
  {
    part: "The training monitor",
    instead: LOGGERS_NOW,
    keys: logging("monitorUrl", "monitorToken", "monitorProject"),
    values: loggerNamed("monitor"),
  },
  { part: "The journal", instead: "the built-in loggers, which are called directly", keys: ["journal"] },
];

/** Why `path` is refused, or null where it names no missing part. `value` is looked at where the key itself exists. */
export function notBuilt(path: ConfigPath, value?: unknown): string | null {
  const dotted = path.filter((key) => typeof key === "string").join(".");
  for (const { part, instead, keys, values } of MISSING_PARTS) {
    if (keys.some((key) => dotted === key || dotted.startsWith(`${key}.`))) {
      return `${part} is not part of this version, so "${dotted}" cannot be set.\nWhat exists now: ${instead}.`;
    }
    if (typeof value === "string" && Object.hasOwn(values ?? {}, dotted) && values?.[dotted]?.includes(value)) {
      return `${part} is not part of this version, so "${dotted}" cannot be "${value}".\nWhat exists now: ${instead}.`;
    }
  }
  return null;
}

/** Every key and value that is refused by name, with its dotted path. */
export function refusedByName(): readonly { path: string; value?: string }[] {
  return MISSING_PARTS.flatMap(({ keys, values }) => [
    ...keys.map((path) => ({ path })),
    ...Object.entries(values ?? {}).flatMap(([path, names]) => names.map((value) => ({ path, value }))),
  ]);
}
