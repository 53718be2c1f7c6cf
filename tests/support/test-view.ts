/**
 * A trainer for tests of hooks: the state is set by hand, and what a hook asks for or logs is kept in lists.
 */
import type {
  GenericTrainerConfig as ConfigInput,
  ImageData,
  LogInterval,
  LoggerProtocol,
  Metrics,
  ModelDescription,
  Optimizer,
  PointTime,
  RunClock,
  RunState,
  ScatterAxes,
  StepOutputs,
  TrainableModel,
  TrainerView,
  TypedArray,
} from "../../src/contract/index.js";
import { GenericTrainerConfig } from "../../src/config/index.js";

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** The state and the clock, writable. */
type TestState = Writable<Omit<RunState, "clock">> & { clock: Writable<RunClock> };

interface LoggedMetrics {
  values: Readonly<Record<string, number>>;
  step: number;
  at: PointTime | undefined;
}

/** Everything a hook may ask for or log, in the order of the calls. */
interface Recorded {
  metrics: LoggedMetrics[];
  events: { name: string; data: Readonly<Record<string, unknown>>; step: number | undefined }[];
  histograms: { name: string; values: TypedArray; step: number }[];
  /** What was given to `addMetrics`. */
  added: Metrics[];
  stops: { reason: string; force: boolean }[];
  checkpoints: string[];
  images: { name: string; image: ImageData; step: number }[];
  scatters: { name: string; x: TypedArray; y: TypedArray; step: number; axes: ScatterAxes | undefined }[];
  graphs: ModelDescription[];
  gradientsWanted: number;
  outputsWanted: number;
}

export interface TestView {
  trainer: TrainerView;
  state: TestState;
  /** What the trainer shows as outputs of the batch. */
  outputs: { current: StepOutputs | null };
  recorded: Recorded;
  /** The messages of the warnings so far. */
  warnings(): string[];
}

export interface TestViewOptions {
  config?: ConfigInput | undefined;
  model?: Partial<TrainableModel<never>> | undefined;
  optimizers?: readonly Optimizer[] | undefined;
  trainLoaders?: readonly string[] | undefined;
  validationLoaders?: readonly string[] | undefined;
  metrics?: Metrics | undefined;
  dir?: string | undefined;
  rank?: number | undefined;
}

export function testView(options: TestViewOptions = {}): TestView {
  const config = GenericTrainerConfig.parse({ maxEpochs: 10, ...options.config });
  const recorded: Recorded = {
    metrics: [],
    events: [],
    histograms: [],
    added: [],
    stops: [],
    checkpoints: [],
    images: [],
    scatters: [],
    graphs: [],
    gradientsWanted: 0,
    outputsWanted: 0,
  };
  const state = startState();
  const outputs: TestView["outputs"] = { current: null };
  let measured = 0;
  const run = {
    runId: "r1",
    runName: "test",
    dir: options.dir ?? "",
    attempt: 1,
    resumedFromStep: null,
    rank: options.rank ?? 0,
    worldSize: 1,
    config,
  };
  const trainer: TrainerView = {
    state,
    run,
    config,
    logger: recordingLogger(recorded),
    model: { trainStep: unused, state: () => ({}), loadState: () => {}, ...options.model },
    optimizers: options.optimizers ?? [],
    loaders: { train: options.trainLoaders ?? [], validation: options.validationLoaders ?? [] },
    metrics: options.metrics ?? {},
    measurement: (name) => ({ value: options.metrics?.[name] ?? 0, step: state.step, times: ++measured }),
    get outputs() {
      return outputs.current;
    },
    addMetrics: (values) => void recorded.added.push(values),
    wantGradients: () => void recorded.gradientsWanted++,
    wantOutputs: () => void recorded.outputsWanted++,
    requestStop: (reason, { force = false } = {}) => void recorded.stops.push({ reason, force }),
    requestCheckpoint: (reason) => void recorded.checkpoints.push(reason),
  };
  const warnings = (): string[] =>
    recorded.events.filter(({ name }) => name === "warning").map(({ data }) => String(data["message"]));
  return { trainer, state, outputs, recorded, warnings };
}

/** An optimizer that has a learning rate and nothing else. */
export function testOptimizer(learningRate: number, name = "sgd"): Optimizer {
  return { name, learningRate, state: () => ({}), loadState: () => {} };
}

/** A log boundary after `step` steps of one sample each. */
export function testInterval(step: number, values: Metrics, more: Partial<LogInterval> = {}): LogInterval {
  return {
    step,
    epoch: 0,
    loaderIdx: 0,
    loaderName: "default",
    values,
    batchSeconds: 0.5,
    steps: step,
    batches: step,
    samples: step,
    tokens: 0,
    seconds: step,
    dataWaitSeconds: 0,
    forwardSeconds: 0,
    backwardSeconds: 0,
    optimizerSeconds: 0,
    nonFinite: null,
    ...more,
  };
}

function startState(): TestState {
  const clock = {
    nowMs: 0,
    trainSeconds: 0,
    dataWaitSeconds: 0,
    validationSeconds: 0,
    forwardSeconds: 0,
    backwardSeconds: 0,
    optimizerSeconds: 0,
  };
  return {
    step: 0,
    epoch: 0,
    epochsCompleted: 0,
    batch: 0,
    batchInEpoch: 0,
    batchesPerEpoch: null,
    samples: 0,
    tokens: 0,
    stopRequested: null,
    clock,
  };
}

function recordingLogger(recorded: Recorded): LoggerProtocol {
  return {
    name: "memory",
    start: () => {},
    logParams: () => {},
    logMetrics: (values, step, at) => void recorded.metrics.push({ values, step, at }),
    logHistogram: (name, values, step) => void recorded.histograms.push({ name, values: values.slice(), step }),
    logImage: (name, image, step) => void recorded.images.push({ name, image, step }),
    logText: () => {},
    logScatter: (name, x, y, step, _at, axes) => void recorded.scatters.push({ name, x: x.slice(), y: y.slice(), step, axes }),
    logGraph: (description) => void recorded.graphs.push(description),
    logArtifact: () => {},
    logEvent: (name, data, step) => void recorded.events.push({ name, data, step }),
    setTags: () => {},
    setNotes: () => {},
    flush: () => Promise.resolve([]),
    close: () => Promise.resolve([]),
  };
}

function unused(): never {
  throw new TypeError("a hook called trainStep");
}
