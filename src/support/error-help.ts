import type { ErrorCode } from "../contract/index.js";

/** A usual cause of an error, and what to change then. */
export interface ErrorCause {
  readonly cause: string;
  readonly change: string;
}

/** A cause with its remedy. */
const when = (cause: string, change: string): ErrorCause => ({ cause, change });

/** The usual causes of each code, the most frequent one first. `npm run schemas` writes docs/troubleshooting.md from it. */
export const ERROR_HELP: { readonly [Code in ErrorCode]: readonly ErrorCause[] } = {
  ERR_CONFIG: [
    when("A misspelt key or value.", "Take the nearest name that the message gives."),
    when(
      "A key of another tool: `epochs`, `batchSize`, `learningRate`, `callbacks`.",
      "The message says where it is set here; [from `model.fit`](from-model-fit.md) and [from Keras and Lightning](from-keras-and-lightning.md) list them all.",
    ),
    when("Neither `maxEpochs` nor `maxSteps`.", "Set one: a run has no default length."),
    when(
      "A callback of TensorFlow.js, or a name of another tool's callback, in a hook.",
      "The message has the switch or the hook method; see [hook methods](from-keras-and-lightning.md#hook-methods).",
    ),
    when("Two keys that exclude each other, or one that needs another.", "See [between keys](configuration.md#between-keys)."),
  ],
  ERR_NODE_VERSION: [
    when("A Node that is older than 20.19.", "Install Node 20.19 or newer: `node --version` says which one runs."),
  ],
  ERR_NOT_BUILT: [
    when(
      '`loggerType: "wandb"` or `"mlflow"`, or a key of theirs, such as `logging.wandbProject`.',
      "Remove it; [TensorBoard](tensorboard.md) and [a backend of your own](writing-a-backend.md) are there.",
    ),
  ],
  ERR_MODE_REQUIRED: [
    when(
      'A monitor such as `val/accuracy` without a `mode`: `"min"`, the default, would keep the worst.',
      'Set `mode: "max"` beside it, or `metrics.directions: { accuracy: "max" }` once for all.',
    ),
  ],
  ERR_UNKNOWN_MONITOR: [
    when(
      "A name as another tool has it.",
      "Names are `train/loss`, `val/loss`, `val/<loader>/loss`; `val_loss` is accepted too. [All names](loaders-and-metrics.md#metrics).",
    ),
    when("`val/…` in a run without validation data.", "Call `fit({ train, validation })`, or monitor `train/loss`."),
    when("A metric that a hook logs.", 'Announce it in the hook: `produces = ["my/score"]`.'),
    when("A metric that only some steps of the model report.", "List it in the model's `metricNames`."),
  ],
  ERR_HOOK_LOAD: [
    when("A path that is relative to the wrong directory.", "Relative files are looked for from the working directory."),
    when("A TypeScript file in a program that runs without a loader.", "Start with `npx tsx`, or name the compiled `.js` file."),
    when("Another name behind `#`.", "Use a name that the module exports: `./hooks.js#MyHook`."),
  ],
  ERR_HOOK: [
    when("Code of the hook threw, or its promise was rejected.", "`error.cause` is what the hook threw, with its stack."),
    when(
      "A value that is only there in some hook methods, such as gradients.",
      "Request it first: `trainer.wantGradients()` in `onTrainBatchStart`.",
    ),
  ],
  ERR_STEP: [
    when("Shapes that do not fit: TensorFlow.js names both.", "Compare the batch with the model's input and output shapes."),
    when(
      "A tensor that was disposed.",
      "Leave batches to the model, which frees them; or set `disposeBatches: false` where they are used again.",
    ),
    when(
      "`util_1.isNullOrUndefined is not a function`: tfjs-node on Node 23 or newer.",
      "Preload the [shim](tensorflow-js.md#native-builds).",
    ),
  ],
  ERR_STEP_RESULT: [
    when("A model of your own that returns a bare number, or no `batchSize`.", "Return `{ loss, batchSize }`."),
    when(
      "A loss function that returns a tensor with more than one value per sample.",
      "Return a scalar, or one value per sample.",
    ),
    when("`updated: false` in every step of a run with `maxSteps`.", "Leave `updated` out where the step updates the weights."),
    when(
      "`classWeight`, and a loss function that returns one number for the batch.",
      "Return one value per sample: take the mean over the last dimension only.",
    ),
    when("`minimize` for a name that is no part with an optimizer.", "Use a name of `parts`, or give the part an optimizer."),
  ],
  ERR_LOADER: [
    when(
      "A file, an address or a generator of the loader failed.",
      "`error.cause` is what it threw; the message has loader, pass and batch.",
    ),
    when(
      "A loader that returns something else than an iterable.",
      "`batches(pass)` returns an array, a generator or an async generator.",
    ),
  ],
  ERR_LOADER_DATA: [
    when("`xs` and `ys` with different numbers of samples.", "Compare their first dimensions."),
    when(
      "Targets of another shape than the output: [N, 2] for an output [N, 1].",
      "The message has both shapes and the way out.",
    ),
    when(
      "Tensors, `{ xs, ys }` or a `tf.data.Dataset` where `fit` takes loaders.",
      "Write the line that the message has: `tfjsLoader(tf, { xs, ys }, { batchSize: 32 })`.",
    ),
    when("A loader without a single batch.", "Check its filter, and `dropLast` with a batch size above the number of samples."),
    when("`dataloaderWeights` that do not match the loaders.", "Give one weight for each loader, by name or by position."),
  ],
  ERR_METRIC_NAME: [
    when("A character such as `%`, `(` or `é` in a name.", "Use letters (a to z), digits and `_ - . space : /`."),
    when("An empty part: `/loss`, `val//loss`.", "Remove the slash."),
  ],
  ERR_METRIC_VALUE: [
    when(
      "A number as a text, a tensor or an array where a number is expected.",
      "Convert it: `Number(text)`, `tensor.dataSync()[0]`.",
    ),
    when("Pixels outside of the range of their type.", "[The range of pixels](tensorboard.md#the-range-of-pixels)."),
  ],
  ERR_SCALAR_ASYNC: [
    when(
      "A hook reads `metrics.loss` in `onTrainBatchEnd`, and the device gives it as a promise.",
      'Declare it in the hook: `reads = ["loss"]`; or read it in `onLogInterval`.',
    ),
  ],
  ERR_MODEL: [
    when(
      "A bare `LayersModel`, or a `tf.train` optimizer, where the trainer takes what `tfjsModel` returns.",
      "`const { model, optimizers } = tfjsModel(tf, { model: net })`, then `new GenericTrainer(config, model, optimizers)`.",
    ),
    when("Validation data, and a model of your own without `evalStep`.", "Add `evalStep(batch, context)`."),
    when(
      "Layers whose gradients the backend lacks: convolutions and embeddings on wasm.",
      "See [backends](tensorflow-js.md#backends).",
    ),
    when("A model that is not compiled, and no `optimizer` and `loss`.", "`net.compile(…)` before, or pass both to `tfjsModel`."),
    when("A hook that needs gradients, from a model without `gradients()`.", "Implement it, or turn the hook off."),
    when(
      "An optimizer of your own without `getWeights` and `setWeights`, or without a learning rate that a schedule could set.",
      "See [optimizers of your own](tensorflow-js.md#optimizers-of-your-own).",
    ),
  ],
  ERR_BACKEND_REFUSED: [when("A backend of your own threw it in `start`.", "Correct what its message says: a token, a project.")],
  ERR_RUN_EXISTS: [
    when(
      "A second start with the same `runName`.",
      '`resume: "auto"` continues it; another `runName` starts a new run; without one a run is named by its start time.',
    ),
    when(
      "The directory was deleted, and checkpoints in another place were not.",
      "The message names them: delete or move them, or resume.",
    ),
  ],
  ERR_RUN_LOCKED: [
    when("The run trains in another process.", "The message names process and host: wait for it, or end it."),
    when(
      "The machine crashed, or the run was killed on another one.",
      "Start again: the lock is taken over after 60 seconds without a sign of life.",
    ),
    when(
      "This process was stopped for longer than a minute, and another one took the run over.",
      "Leave the run to the other one.",
    ),
  ],
  ERR_RUN_DIR: [
    when(
      "The user may not write there, or the file system is read-only or full.",
      "Set `runsDir` or `TRAINSCOPE_LOG_DIR` to another directory, or free space.",
    ),
    when("A file stands where the directory is to be.", "Rename it."),
  ],
  ERR_ALREADY_FIT: [when("`trainer.fit` in a loop.", "Make a new `GenericTrainer` in each turn; the model may be the same.")],
  ERR_RANKS: [
    when("Ranks that were started with different data or models.", "Start all with the same loaders and metrics."),
    when("One rank failed.", "Its log file, `training-rank<k>-000001.jsonl`, has the error."),
  ],
  ERR_STATE: [
    when(
      "`loadState` by hand, with the state of another model, loader or hook: another layer, another shape.",
      "Load it into what saved it. In a resume of a run, this is `ERR_RESUME`.",
    ),
    when("One optimizer for two models.", "Make one optimizer for each model."),
    when(
      "Layers that were named by a counter, in another order.",
      "Give layers names, so that they are the same in every process.",
    ),
    when(
      "A learning-rate schedule, and optimizers of other names than the checkpoint has.",
      "Resume with those that it was saved with, or start a new run.",
    ),
  ],
  ERR_CHECKPOINT_SAVE: [
    when(
      "The disk is full (`ENOSPC`), or a quota is reached (`EDQUOT`).",
      "Free space, or lower `maxCheckpoints` and `saveTopK`.",
    ),
    when("The directory was made read-only, or its file system is gone.", "Mount it again: later saves make the directory anew."),
  ],
  ERR_CHECKPOINT_DAMAGED: [
    when(
      "A file was changed, cut or copied in part.",
      "`npx trainscope verify DIR` lists every problem; copy the checkpoint again, or load an older one.",
    ),
  ],
  ERR_CHECKPOINT_MISSING: [
    when(
      "A misspelt name, or one that the keep rules deleted.",
      "Use a name that the message lists; raise `maxCheckpoints` to keep more.",
    ),
  ],
  ERR_CHECKPOINT_LOCKED: [
    when(
      "Two runs with one `modelCheckpointConfig.dir` at the same time.",
      "Give each run a directory, or use `rootDir`, which makes one for each run.",
    ),
    when("Two managers in one program.", "Close the first one, or share it."),
  ],
  ERR_RESUME: [
    when(
      '`resume: "must"`, and no run or no checkpoint of that name.',
      'Correct `runName` or `runsDir`; `"auto"` starts a new run instead.',
    ),
    when(
      "Loaders with other names, another order or another length.",
      "Resume with the data of the checkpoint. [What may change](resume.md#with-a-changed-config).",
    ),
    when("A model that was changed since: another layer, another shape.", "Resume with the old model, or start a new run."),
    when("Two runs of one name saved into one directory.", "Delete or move the checkpoints of the other one."),
  ],
  ERR_LOG: [
    when(
      "The disk is full, or the directory cannot be written.",
      "Correct it: records wait in memory for a while, and are written then.",
    ),
    when(
      "A record that is not valid: a step below 0, a `wallTime` in milliseconds, `{ walltime }`, an epoch below 0.",
      "The message says what is allowed.",
    ),
    when("The `logger` of `tfjsCallback` threw or rejected: `model.fit` trains on.", "`error.cause` is what it threw."),
  ],
  ERR_MISSING_PACKAGE: [
    when(
      "A part that imports a package which you install yourself. This version has no such part.",
      "Run the `npm i` that the message has.",
    ),
  ],
  ERR_INTERRUPTED: [
    when(
      "Ctrl-C, SIGTERM, SIGHUP, or the `AbortSignal` of `fit`.",
      "Nothing: a long step may throw `context.signal.reason` to end early.",
    ),
  ],
  ERR_ABANDONED: [
    when(
      "A second Ctrl-C while a step, a loader or a hook has not returned.",
      "Nothing; the last checkpoint is what a resume continues from.",
    ),
    when("A step that ignores an abort for longer than `abandonAfterMs`.", "Heed `context.signal` in long steps."),
  ],
};
