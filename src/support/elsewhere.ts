import type { Instead } from "./option-keys.js";

/** How other tools call it, in camel case, and what does it here. */
type Entry = readonly [keys: string, text: string];

const LENGTH: readonly Entry[] = [
  [
    "epochs numEpochs nEpochs nbEpochs numTrainEpochs iterations numIterations stepsPerEpoch batchesPerEpoch limitTrainBatches maxIter",
    "How long a run is, is set in the trainer's config: maxEpochs, maxSteps, trainLoaderConfig.batchesPerEpoch, as in\n" +
      "  new GenericTrainer({ maxEpochs: 10 }, model, optimizers)",
  ],
  [
    "fastDevRun overfitBatches",
    "For a trial run, set maxSteps: 1 and validation: { numSanitySteps: 1 } in the trainer's config.",
  ],
  ["maxTime timeLimit", "Give fit a signal: trainer.fit(data, { signal: AbortSignal.timeout(3_600_000) })."],
  [
    "initialEpoch resumeFromCheckpoint ckptPath checkpointPath autoResume",
    'A run is resumed by the trainer\'s config: runName: "mine", resume: "auto".',
  ],
];

const DATA: readonly Entry[] = [
  [
    "batchSize trainBatchSize evalBatchSize validationBatchSize perDeviceTrainBatchSize perDeviceEvalBatchSize",
    "Batches are made by the loader: batchSize is an option of tfjsLoader and arrayLoader, as in\n" +
      "  tfjsLoader(tf, { xs, ys }, { batchSize: 32 }), arrayLoader(samples, { batchSize: 32 })",
  ],
  ["shuffle", "A loader shuffles, by the config's seed: shuffle is an option of tfjsLoader and arrayLoader."],
  ["dropRemainder dataloaderDropLast", "Leaving out a last batch that is not full is an option of the loader: dropLast."],
  [
    "validationSplit valSplit",
    "The last share of the samples, as model.fit takes it, is split off by tfjsSplit of trainscope/tfjs:\n" +
      "  trainer.fit(tfjsSplit(tf, { xs, ys }, { validationSplit: 0.2, batchSize: 32 }))\n" +
      "Of an array, slice() makes two parts: trainer.fit({ train, validation }), each an arrayLoader.",
  ],
  ["validationData valData evalDataset valDataloaders", "Give the trainer a second loader: trainer.fit({ train, validation })."],
  ["numSanityValSteps evalOnStart", "It is set in the trainer's config: validation: { numSanitySteps: 2 }."],
  ["validationBatches validationSteps limitValBatches", "The loader of the validation data says how many batches it has."],
  [
    "validationFreq evalSteps evalStrategy evaluationStrategy checkValEveryNEpoch valCheckInterval",
    "How often is validated, is set in the trainer's config: validation: { everyNEpochs: 2 }, or { everyNSteps: 500 }.",
  ],
  [
    "workers numWorkers dataloaderNumWorkers useMultiprocessing maxQueueSize pinMemory",
    "A loader makes its batches itself; batches(pass) may be an async generator that reads ahead.",
  ],
];

const MODEL: readonly Entry[] = [
  [
    "optimizer optimizers optim optimizerClass",
    "The optimizer stands beside the model: tfjsModel(tf, { model, optimizer: tf.train.adam(0.001) }) of trainscope/tfjs gives both, and\n" +
      "new GenericTrainer(config, model, optimizers) takes them.",
  ],
  [
    "loss lossFn lossFunction criterion",
    'The model computes its loss: tfjsModel(tf, { model, loss: "meanSquaredError" }), or trainStep of a model of your own.',
  ],
  [
    "learningRate lr baseLr learningRateInit",
    "The learning rate is set in the optimizer: tfjsModel(tf, { model, optimizer: tf.train.adam(0.001) });\n" +
      "a schedule of it in the trainer's config: hooks.enableLearningRateSchedule.",
  ],
  [
    "lrScheduler lrSchedulerType scheduler learningRateScheduler warmupRatio",
    "A schedule of the learning rate is set in the trainer's config: hooks.enableLearningRateSchedule, hooks.learningRateScheduleConfig.",
  ],
  ["weightDecay", "It belongs to the model: kernelRegularizer: tf.regularizers.l2({ l2: 1e-4 }) of a layer."],
  [
    "gradientClip gradientClipVal gradientClipAlgorithm clipnorm clipNorm clipvalue clipValue globalClipnorm maxGradNorm",
    "Gradients are clipped by tfjsModel(tf, { model, gradientClip: { norm: 1 } }), or { value: 0.5 }; a model of your own clips in its trainStep.",
  ],
  [
    "accumulateSteps accumulateGradBatches gradientAccumulationSteps accumulationSteps",
    "Gradients are accumulated by tfjsModel(tf, { model, accumulateSteps: 4 }).",
  ],
  [
    "classWeight classWeights",
    "Classes are weighted by tfjsModel(tf, { model, classWeight: { 0: 1, 1: 5 } }); a model of your own weighs them in its loss.",
  ],
  ["sampleWeight sampleWeights", "Weigh the samples in the model's loss: a batch may hold their weights."],
  [
    "device devices accelerator gpus tpuCores numNodes strategy useCpu noCuda",
    'What computes is chosen before the model is made: await tf.setBackend("tensorflow"). A process trains on one device;\n' +
      "several processes are ranks: ranks.group.",
  ],
  ["precision fp16 bf16 tf32 mixedPrecision amp", "The model decides it: TensorFlow.js computes in float32."],
];

const OBSERVED: readonly Entry[] = [
  [
    "callback callbacks",
    "A trainer has hooks in place of callbacks: trainer.hookManager.registerHook(defineHook(name, { … })); early stopping is\n" +
      "hooks.enableEarlyStoppingHook in its config, checkpoints are hooks.enableModelCheckpointHook.",
  ],
  [
    "earlyStopping earlyStop",
    'Early stopping is set in the trainer\'s config: hooks: { enableEarlyStoppingHook: true, earlyStoppingConfig: { monitor: "val/loss" } }.',
  ],
  [
    "checkpoint checkpoints enableCheckpointing checkpointCallback saveBestOnly loadBestModelAtEnd saveSteps saveStrategy saveTotalLimit",
    "Checkpoints are set in the trainer's config: hooks.enableModelCheckpointHook, hooks.modelCheckpointConfig.",
  ],
  [
    "verbose verbosity progress disableTqdm enableModelSummary",
    "What is printed is set in the trainer's config: logLevel, logging, hooks.enableProgressBar.",
  ],
  ["loggingSteps logInterval logFreq", "How often is logged, is set in the trainer's config: logging: { logEveryNSteps: 50 }."],
  [
    "logger reportTo tensorboard",
    'Where is logged, is set in the trainer\'s config: logging: { loggerType: "composite", compositeLoggers: ["console", "tensorboard"] }.',
  ],
  ["outputDir defaultRootDir loggingDir logDir", 'The directory of all runs is set in the trainer\'s config: runsDir: "runs".'],
  ["hyperparameters hyperParameters hparams", "Hyperparameters of your own are set in the trainer's config: params: { … }."],
  [
    "experiment experimentName",
    'A run is named in the trainer\'s config: runName: "wide-1"; several are of one project: "digits".',
  ],
  ["description", "What is to be remembered of a run is set in the trainer's config: notes."],
  ["yieldEvery", "It is set in the trainer's config: yieldEveryMs."],
  ["deterministic randomSeed randomState", "The config's seed seeds everything random in the run."],
];

/** What does here what Keras, `model.fit`, Lightning and the trainer of transformers call by these keys. */
export const ELSEWHERE: Instead = new Map(
  [...LENGTH, ...DATA, ...MODEL, ...OBSERVED].flatMap(([keys, text]) =>
    keys.split(" ").map((key): [string, string] => [key, text]),
  ),
);
