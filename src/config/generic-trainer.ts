import { z } from "zod";
import type { GenericTrainerConfig as Input, ResolvedGenericTrainerConfig } from "../contract/index.js";
import { MultiDataLoaderConfig } from "./data-loader.js";
import { agreeing, count, directory, field, levelField, line, modeField, text } from "./fields.js";
import { HooksConfig } from "./hooks/index.js";
import { LoggingConfig } from "./logging.js";
import { flatParams } from "./param-tree.js";
import { MetricsConfig } from "./metrics.js";
import { RanksConfig } from "./ranks.js";
import { SystemMetricsConfig } from "./system.js";
import { ValidationConfig } from "./validation.js";

export type GenericTrainerConfig = Input;

const RUN_NAME =
  'a directory name: not "." or "..", no / \\ : * ? " < > |, no space at an end, no dot at the end, at most 200 characters';

// One directory, and the same one, on every system.
// oxlint-disable-next-line no-control-regex -- control characters are what it keeps out
const DIRECTORY_NAME = /^(?!\s)[^/\\:*?"<>|\u0000-\u001f\u007f]{0,199}[^\s./\\:*?"<>|\u0000-\u001f\u007f]$/;

/** How long a run is. */
const limits = () => ({
  maxEpochs: field(count().optional(), "Epochs after which the run is completed; needed unless maxSteps is given."),
  maxSteps: field(
    count().optional(),
    "Optimizer steps after which the run is completed; of maxEpochs and maxSteps the first that is reached counts.",
  ),
  minEpochs: field(
    count(0).default(0),
    "Epochs before which no hook may stop the run, except by force as terminateOnNaN does; backends, errors and signals still do.",
  ),
  minSteps: field(
    count(0).optional(),
    "Optimizer steps before which no hook may stop the run, except by force as terminateOnNaN does; backends, errors and signals still do.",
  ),
});

/** Which run it is, and how it is run. */
const identity = () => ({
  seed: field(
    z.int().default(0),
    "Seeds everything random in the run: shuffling, sampling, step seeds; the same seed repeats them.",
  ),
  runName: field(
    text().regex(DIRECTORY_NAME).optional(),
    "The name of the run and of its directory below runsDir; left out: a timestamp.",
    {
      allowed: RUN_NAME,
    },
  ),
  runsDir: field(
    directory().default("runs"),
    "The directory that holds the directories of all runs; TRAINSCOPE_LOG_DIR is used where it is left out.",
  ),
  resume: field(
    z.enum(["never", "auto", "must"]).default("never"),
    'Whether the run is resumed: "never" refuses a run that exists, as a directory or as checkpoints of its name, "auto" resumes from its last checkpoint if there is one, "must" fails without one; these two need runName.',
  ),
  yieldEveryMs: field(
    z.number().min(0).default(20),
    "Milliseconds after which the loop yields to the event loop, so that timers, signals and I/O run; 0 yields after every step.",
  ),
  logLevel: levelField("The least important level that the console and the training log write."),
});

const params = () =>
  z
    .record(z.string(), z.unknown())
    .superRefine((given, context) => {
      for (const { path, message, isMissing } of flatParams(given).problems)
        if (!isMissing) context.addIssue({ code: "custom", path: [...path], message });
    })
    .readonly()
    .default({});

/** What the run is known by afterwards. */
const description = () => ({
  project: field(
    line(200).optional(),
    "What the run belongs to: the value of experiment_id in the training log. It turns no logger on.",
  ),
  params: field(
    params(),
    "Your own hyperparameters, under any names, nested as you like; every logger gets them, with dots in the names.",
    { allowed: "an object of strings, numbers, true, false, null, and lists and objects of these", nests: true },
  ),
  tags: field(
    z.union([z.array(line(250)).readonly(), z.record(line(250), z.string()).readonly()]).optional(),
    "Labels by which the run is found and grouped: a list of them, or values by name.",
    { allowed: "a list of strings, or an object of strings" },
  ),
  notes: field(text().optional(), "What you want to remember of the run, as Markdown; loggers that show text show it."),
});

const sections = () => ({
  trainLoaderConfig: MultiDataLoaderConfig.prefault({}),
  metrics: MetricsConfig.prefault({}),
  logging: LoggingConfig.prefault({}),
  hooks: HooksConfig.prefault({}),
  validation: ValidationConfig.prefault({}),
  system: SystemMetricsConfig.prefault({}),
  ranks: RanksConfig.prefault({}),
});

const legacyEarlyStopping = () => ({
  earlyStoppingPatience: field(
    count().optional(),
    "Turns legacy early stopping on: checks in a row without improvement after which the run stops.",
  ),
  earlyStoppingMetric: field(text().default("val_loss"), "The metric that legacy early stopping watches, by its monitor name."),
  earlyStoppingMode: modeField(),
});

const schema = () => z.strictObject({ ...limits(), ...identity(), ...description(), ...sections(), ...legacyEarlyStopping() });

/** Everything a run is configured by. */
export const GenericTrainerConfig: z.ZodType<ResolvedGenericTrainerConfig, Input> = agreeing<
  ResolvedGenericTrainerConfig,
  Input
>()("Everything a run is configured by.", schema);
