/** Four trainers in one process, one for each rank, on promises; and how each of them ended. */
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type {
  FitData,
  FitResult,
  GenericTrainerConfig,
  StepContext,
  StepResult,
  TrainableModel,
} from "../../src/contract/index.js";
import type { TrainscopeError } from "../../src/support/errors.js";
import type { TrainerHooks } from "../../src/hooks/trainer-hooks.js";
import { GenericTrainer } from "../../src/trainer/generic-trainer.js";
import { inMemoryGroups } from "../support/in-memory-group.js";
import { MemoryBackend } from "../support/memory-backend.js";

/** A batch that holds what its step reports. */
export interface Told {
  loss: number;
  size: number;
  metrics?: Record<string, number>;
}

/** Reports what its batches hold, behind a promise that now and then lets the other ranks run first. */
class TellingModel implements TrainableModel<Told> {
  readonly metricNames?: readonly string[];
  #calls = 0;
  readonly #rank: number;

  constructor(rank: number) {
    this.#rank = rank;
  }

  async trainStep(batch: Told, _context: StepContext): Promise<StepResult> {
    if (++this.#calls % (this.#rank + 2) === 0) await new Promise((resolve) => setImmediate(resolve));
    return this.#tell(batch);
  }

  async evalStep(batch: Told): Promise<StepResult> {
    return this.#tell(batch);
  }

  state(): Record<string, never> {
    return {};
  }

  loadState(): void {}

  #tell({ loss, size, metrics = {} }: Told): StepResult {
    return { loss, batchSize: size, metrics: { ...metrics } };
  }
}

/** What one rank does; the same for all, or by rank. */
export interface RankSetup {
  data: FitData<Told>;
  hooks?: readonly TrainerHooks<Told>[];
  signal?: AbortSignal;
  backend?: MemoryBackend;
}

export interface RankEnd {
  result: FitResult | null;
  error: TrainscopeError | null;
  trainer: GenericTrainer<Told>;
  backend: MemoryBackend;
}

export interface WorldEnd {
  ranks: RankEnd[];
  dir: string;
  /** The run's files, relative to its directory. */
  files: string[];
  summary: Record<string, unknown> | null;
}

/** Trains `worldSize` ranks, and waits until each has ended. */
export async function trainWorld(
  config: GenericTrainerConfig,
  setup: (rank: number) => RankSetup,
  worldSize = 4,
): Promise<WorldEnd> {
  const runsDir = mkdtempSync(join(tmpdir(), "trainscope-ranks-"));
  onTestFinished(() => rmSync(runsDir, { recursive: true, force: true }));
  const ranks = await Promise.all(
    inMemoryGroups(worldSize).map((group) =>
      trainRank({ runsDir, ...config, ranks: { timeoutMs: 5000, ...config.ranks, group } }, setup(group.rank), group.rank),
    ),
  );
  const dir = ranks[0]?.trainer.run.dir ?? runsDir;
  return { ranks, dir, files: filesIn(dir), summary: summaryIn(dir) };
}

async function trainRank(
  config: GenericTrainerConfig,
  { data, hooks = [], signal, backend = new MemoryBackend() }: RankSetup,
  rank: number,
): Promise<RankEnd> {
  const logging = { loggerType: "none", logEveryNSteps: 2, ...config.logging, loggers: [backend] } as const;
  const trainer = new GenericTrainer<Told>({ maxEpochs: 2, ...config, logging }, new TellingModel(rank));
  for (const hook of hooks) trainer.hookManager.registerHook(hook);
  const end = { trainer, backend };
  try {
    return { ...end, result: await trainer.fit(data, signal === undefined ? {} : { signal }), error: null };
  } catch (error) {
    return { ...end, result: null, error: error as TrainscopeError };
  }
}

function filesIn(dir: string): string[] {
  try {
    return readdirSync(dir, { recursive: true, encoding: "utf8" }).sort();
  } catch {
    return [];
  }
}

function summaryIn(dir: string): Record<string, unknown> | null {
  try {
    return JSON.parse(readFileSync(join(dir, "summary.json"), "utf8")) as Record<string, unknown>;
  } catch {
    return null;
  }
}

/** `count` batches with the losses `from`, `from + 1`, … */
export function batches(count: number, options: { from?: number; size?: number; metrics?: Record<string, number> } = {}): Told[] {
  const { from = 1, size = 1, metrics } = options;
  return Array.from({ length: count }, (_, i) => ({ loss: from + i, size, ...(metrics === undefined ? {} : { metrics }) }));
}
