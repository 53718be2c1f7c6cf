import type { Instead } from "./option-keys.js";

/** What does it here, and how other tools call it, in camel case. */
type Entry = readonly [text: string, ...keys: readonly string[]];

const LENGTH: readonly Entry[] = [
  [
    "How long a run is, is set in the trainer's config: maxEpochs, maxSteps, trainLoaderConfig.batchesPerEpoch, as in\n" +
      "  new GenericTrainer({ maxEpochs: 10 }, model, optimizers)",
    ...["epochs", "numEpochs", "nEpochs", "nbEpochs", "numTrainEpochs", "iterations", "numIterations"],
    ...["stepsPerEpoch", "batchesPerEpoch", "limitTrainBatches", "maxIter"],
  ],
  ["For a trial run, set maxSteps: 1 and validation: { numSanitySteps: 1 } in the trainer's config.", "fastDevRun", "overfitBatches"],
  ["Give fit a signal: trainer.fit(data, { signal: AbortSignal.timeout(3_600_000) }).", "maxTime", "timeLimit"],
  [
    'A run is resumed by the trainer\'s config: runName: "mine", resume: "auto".',
    ...["initialEpoch", "resumeFromCheckpoint", "ckptPath", "checkpointPath", "autoResume"],
  ],
];

const DATA: readonly Entry[] = [
  [
    "Batches are made by the loader: batchSize is an option of tfjsLoader and arrayLoader, as in\n" +
      "  tfjsLoader(tf, { xs, ys }, { batchSize: 32 }), arrayLoader(samples, { batchSize: 32 })",
    ...["batchSize", "trainBatchSize", "evalBatchSize", "validationBatchSize", "perDeviceTrainBatchSize", "perDeviceEvalBatchSize"],
  ],
  ["A loader shuffles, by the config's seed: shuffle is an option of tfjsLoader and arrayLoader.", "shuffle"],
  ["Leaving out a last batch that is not full is an option of the loader: dropLast.", "dropRemainder", "dataloaderDropLast"],
  [
    "The last share of the samples, as model.fit takes it, is split off by tfjsSplit of trainscope/tfjs:\n" +
      "  trainer.fit(tfjsSplit(tf, { xs, ys }, { validationSplit: 0.2, batchSize: 32 }))\n" +
      "Of an array, slice() makes two parts: trainer.fit({ train, validation }), each an arrayLoader.",
    ...["validationSplit", "valSplit"],
  ],
  ["Give the trainer a second loader: trainer.fit({ train, validation }).", "validationData", "valData", "evalDataset", "valDataloaders"],
  ["The loader of the validation data says how many batches it has.", "validationBatches", "validationSteps", "limitValBatches"],
  [
    "How often is validated, is set in the trainer's config: validation: { everyNEpochs: 2 }, or { everyNSteps: 500 }.",
    ...["validationFreq", "evalSteps", "evalStrategy", "evaluationStrategy", "checkValEveryNEpoch", "valCheckInterval"],
  ],
  [
    "A loader makes its batches itself; batches(pass) may be an async generator that reads ahead.",
    ...["workers", "numWorkers", "dataloaderNumWorkers", "useMultiprocessing", "maxQueueSize", "pinMemory"],
  ],
];

const MODEL: readonly Entry[] = [
  [
    "The optimizer stands beside the model: tfjsModel(tf, { model, optimizer: tf.train.adam(0.001) }) of trainscope/tfjs gives both, and\n" +
      "new GenericTrainer(config, model, optimizers) takes them.",
    ...["optimizer", "optimizers", "optim", "optimizerClass"],
  ],
  [
    'The model computes its loss: tfjsModel(tf, { model, loss: "meanSquaredError" }), or trainStep of a model of your own.',
    ...["loss", "lossFn", "lossFunction", "criterion"],
  ],
  [
    "The learning rate is set in the optimizer: tfjsModel(tf, { model, optimizer: tf.train.adam(0.001) });\n" +
      "a schedule of it in the trainer's config: hooks.enableLearningRateSchedule.",
    ...["learningRate", "lr", "baseLr", "learningRateInit"],
  ],
  [
    "A schedule of the learning rate is set in the trainer's config: hooks.enableLearningRateSchedule, hooks.learningRateScheduleConfig.",
    ...["lrScheduler", "lrSchedulerType", "scheduler", "learningRateScheduler", "warmupRatio"],
  ],
  ["It belongs to the model: kernelRegularizer: tf.regularizers.l2({ l2: 1e-4 }) of a layer.", "weightDecay"],
  [
    "Gradients are clipped by tfjsModel(tf, { model, gradientClip: { norm: 1 } }), or { value: 0.5 }; a model of your own clips in its trainStep.",
    ...["gradientClip", "gradientClipVal", "gradientClipAlgorithm", "clipnorm", "clipvalue", "globalClipnorm", "maxGradNorm"],
  ],
  [
    "Gradients are accumulated by tfjsModel(tf, { model, accumulateSteps: 4 }).",
    ...["accumulateSteps", "accumulateGradBatches", "gradientAccumulationSteps", "accumulationSteps"],
  ],
  ["Classes are weighted by tfjsModel(tf, { model, classWeight: { 0: 1, 1: 5 } }); a model of your own weighs them in its loss.", "classWeight", "classWeights"],
  ["Weigh the samples in the model's loss: a batch may hold their weights.", "sampleWeight", "sampleWeights"],
  [
    "What computes is chosen before the model is made: await tf.setBackend(\"tensorflow\"). A process trains on one device;\n" +
      "several processes are ranks: ranks.group.",
    ...["device", "devices", "accelerator", "gpus", "tpuCores", "numNodes", "strategy", "useCpu", "noCuda"],
  ],
  ["The model decides it: TensorFlow.js computes in float32.", "precision", "fp16", "bf16", "tf32", "mixedPrecision", "amp"],
];

const OBSERVED: readonly Entry[] = [
  [
    "A trainer has hooks in place of callbacks: trainer.hookManager.registerHook(defineHook(name, { … })); early stopping is\n" +
      "hooks.enableEarlyStoppingHook in its config, checkpoints are hooks.enableModelCheckpointHook.",
    ...["callback", "callbacks"],
  ],
  [
    'Early stopping is set in the trainer\'s config: hooks: { enableEarlyStoppingHook: true, earlyStoppingConfig: { monitor: "val/loss" } }.',
    ...["earlyStopping", "earlyStop"],
  ],
  [
    "Checkpoints are set in the trainer's config: hooks.enableModelCheckpointHook, hooks.modelCheckpointConfig.",
    ...["checkpoint", "checkpoints", "enableCheckpointing", "checkpointCallback", "saveBestOnly", "loadBestModelAtEnd"],
    ...["saveSteps", "saveStrategy", "saveTotalLimit"],
  ],
  [
    "What is printed is set in the trainer's config: logLevel, logging, hooks.enableProgressBar.",
    ...["verbose", "verbosity", "progress", "disableTqdm", "enableModelSummary"],
  ],
  ["How often is logged, is set in the trainer's config: logging: { logEveryNSteps: 50 }.", "loggingSteps", "logInterval", "logFreq"],
  [
    'Where is logged, is set in the trainer\'s config: logging: { loggerType: "composite", compositeLoggers: ["console", "tensorboard"] }.',
    ...["logger", "reportTo", "tensorboard"],
  ],
  ['The directory of all runs is set in the trainer\'s config: runsDir: "runs".', "outputDir", "defaultRootDir", "loggingDir", "logDir"],
  ["It is set in the trainer's config: yieldEveryMs.", "yieldEvery"],
  ["The config's seed seeds everything random in the run.", "deterministic", "randomSeed", "randomState"],
];

/** What does here what Keras, `model.fit`, Lightning and the trainer of transformers call by these keys. */
export const ELSEWHERE: Instead = new Map(
  [...LENGTH, ...DATA, ...MODEL, ...OBSERVED].flatMap(([text, ...keys]) => keys.map((key): [string, string] => [key, text])),
);
