/**
 * One training run with a fault in it, reported as one JSON line: a small linear model, two epochs of three batches,
 * validation, a log boundary after each step, a recording hook and a recording backend beside whatever is faulty.
 */
import { readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import {
  GenericTrainer,
  TrainerHooks,
  type DataLoader,
  type FitData,
  type FitResult,
  type GenericTrainerConfig,
  type LoggerBackend,
  type RunStatus,
  type TrainableModel,
} from "trainscope";
import { LinearModel, linearBatches, type Rows } from "../../support/linear-model.js";
import { MemoryBackend } from "../../support/memory-backend.js";
import type { CaseReport, Thrown } from "./report.js";

export const runsDir: string = process.argv[2] ?? "";

/** Every hook method: those of the class itself. */
export const HOOK_METHODS: readonly string[] = Object.getOwnPropertyNames(TrainerHooks.prototype).filter((name) =>
  name.startsWith("on"),
);

export function say(line: object): void {
  const text = JSON.stringify(line, (_key, value: unknown) =>
    typeof value === "number" && !Number.isFinite(value) ? String(value) : value,
  );
  for (let bytes = Buffer.from(`${text}\n`); bytes.length > 0;) bytes = bytes.subarray(writeSome(bytes));
}

/** A long line, as that of an endless run with its history, may find the pipe full: its reader is waited for. */
function writeSome(bytes: Uint8Array): number {
  try {
    return writeSync(1, bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    return 0;
  }
}

export function signalListeners(): number {
  return process.listenerCount("SIGINT") + process.listenerCount("SIGTERM");
}

/** A program calls this first: at the process's own end it reports what was not handled. */
export function watchProcess(): void {
  const unhandledRejections: string[] = [];
  const uncaughtExceptions: string[] = [];
  process.on("unhandledRejection", (reason) => unhandledRejections.push(String(reason)));
  process.on("uncaughtException", (error) => uncaughtExceptions.push(String(error)));
  process.on("exit", (code) => say({ say: "exit", code, unhandledRejections, uncaughtExceptions, listeners: signalListeners() }));
}

/** What a faulty part does: throws at once, returns a promise that rejects, or one that never settles. */
export type Fault = "throw" | "reject" | "hang";

export function fail(fault: Fault, thrown: unknown): Promise<never> {
  if (fault === "throw") throw thrown;
  return fault === "reject" ? Promise.reject(thrown) : new Promise<never>(() => {});
}

/** Notes every call of a hook method. */
export class Witness extends TrainerHooks<Rows> {
  override readonly key = "witness";
  readonly hookCalls: string[] = [];
  readonly statuses: RunStatus[] = [];

  constructor() {
    super();
    for (const method of HOOK_METHODS) {
      (this as unknown as Record<string, unknown>)[method] = (_trainer: unknown, status: RunStatus): void => {
        this.hookCalls.push(method);
        if (method === "onTrainEnd") this.statuses.push(status);
      };
    }
  }
}

/** Three batches a pass, from an iterator that notes whether it was left. */
export class CountedLoader implements DataLoader<Rows> {
  begun = 0;
  left = 0;
  readonly length: number;
  readonly #batches: readonly Rows[];

  constructor(batches: readonly Rows[] = linearBatches(3, 4)) {
    this.#batches = batches;
    this.length = batches.length;
  }

  *batches(): Generator<Rows> {
    this.begun++;
    try {
      yield* this.#batches;
    } finally {
      this.left++;
    }
  }
}

export interface Case {
  name: string;
  config?: GenericTrainerConfig;
  model?: TrainableModel<Rows>;
  /** Registered before the witness. */
  hooks?: readonly TrainerHooks<Rows>[];
  backends?: readonly LoggerBackend[];
  data?: Partial<FitData<Rows>>;
  signal?: AbortSignal;
  /** The value the fault throws, to compare it with `cause`. */
  thrown?: unknown;
  /** Called with the trainer before `fit`. */
  setUp?: (trainer: GenericTrainer<Rows>) => void;
  /** Called after `fit`; what it returns becomes `extra`. */
  after?: (trainer: GenericTrainer<Rows>, dir: string) => Record<string, unknown> | Promise<Record<string, unknown>>;
}

/** Runs one case and prints its line. */
export async function report(theCase: Case): Promise<void> {
  const witness = new Witness();
  const recorder = new MemoryBackend("recorder");
  const loader = new CountedLoader();
  const model = theCase.model ?? new LinearModel({ width: 2 });
  let steps = 0;
  const counted = counting(model, () => steps++);
  const before = signalListeners();
  let during = before;
  const trainer = new GenericTrainer<Rows>(configOf(theCase, recorder), counted);
  for (const hook of theCase.hooks ?? []) trainer.hookManager.registerHook(hook);
  trainer.hookManager.registerHook(witness);
  trainer.hookManager.registerHook(
    Object.assign(new TrainerHooks<Rows>(), { key: "listeners", onTrainStart: () => void (during = signalListeners()) }),
  );
  theCase.setUp?.(trainer);
  let result: FitResult | null = null;
  let error: Thrown | null = null;
  try {
    result = await trainer.fit(
      { train: { counted: loader }, validation: linearBatches(2, 4), ...theCase.data },
      theCase.signal === undefined ? {} : { signal: theCase.signal },
    );
  } catch (thrown) {
    error = describe(thrown, theCase);
  }
  const after = signalListeners();
  const settled = { steps, hookCalls: witness.hookCalls.length };
  const extra = (await theCase.after?.(trainer, trainer.run.dir)) ?? {};
  const line: CaseReport = {
    say: "case",
    name: theCase.name,
    result,
    error,
    hookCalls: witness.hookCalls.slice(0, settled.hookCalls).slice(-200), // of an endless run the last ones do
    onTrainEnd: witness.statuses,
    closed: recorder.closed,
    loader: { begun: loader.begun, left: loader.left },
    summary: summaryIn(trainer.run.dir),
    events: recorder.events.map(({ name, data }) => ({ name, message: String(data["message"]) })),
    listeners: { before, during, after },
    lateSteps: steps - settled.steps,
    lateHookCalls: witness.hookCalls.slice(settled.hookCalls),
    delivery: result?.delivery ?? error?.result?.delivery ?? [],
    extra,
  };
  say(line);
}

function configOf(theCase: Case, recorder: LoggerBackend): GenericTrainerConfig {
  const { logging, ...config } = theCase.config ?? {};
  return {
    maxEpochs: 2,
    runsDir,
    runName: theCase.name.replaceAll(/[^a-zA-Z0-9]+/g, "-"),
    ...config,
    logging: { loggerType: "none", logEveryNSteps: 1, loggers: [...(theCase.backends ?? []), recorder], ...logging },
  };
}

/** The same model, its train steps counted. */
function counting(model: TrainableModel<Rows>, count: () => void): TrainableModel<Rows> {
  return new Proxy(model, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      return (...args: unknown[]): unknown => {
        if (name === "trainStep") count();
        return value.apply(target, args);
      };
    },
  });
}

function describe(thrown: unknown, { thrown: original }: Case): Thrown {
  if (!(thrown instanceof Error))
    return {
      isTrainscopeError: false,
      code: null,
      path: null,
      message: String(thrown),
      cause: null,
      causeIsOriginal: false,
      result: null,
    };
  const { code, path, result } = thrown as Error & { code?: string; path?: string; result?: FitResult };
  const cause = "cause" in thrown ? { isError: thrown.cause instanceof Error, text: textOf(thrown.cause) } : null;
  return {
    isTrainscopeError: thrown.name === "TrainscopeError",
    code: code ?? null,
    path: path ?? null,
    message: thrown.message,
    cause,
    causeIsOriginal: Object.is(thrown.cause, original),
    result: result ?? null,
  };
}

function textOf(value: unknown): string {
  return typeof value === "object" && value !== null && !(value instanceof Error) ? JSON.stringify(value) : String(value);
}

function summaryIn(dir: string): Record<string, unknown> | null {
  try {
    return JSON.parse(readFileSync(join(dir, "summary.json"), "utf8")) as Record<string, unknown>;
  } catch {
    return null;
  }
}
