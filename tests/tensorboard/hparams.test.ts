/** Several runs of the trainer in one log directory, in the HParams tab of the real TensorBoard. */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { GenericTrainer, type GenericTrainerConfig } from "../../src/index.js";
import { LinearModel, linearBatches, type Rows } from "../support/linear-model.js";
import { requirePython } from "../support/peers.js";
import { temporaryRuns } from "../support/run.js";
import { serve, type Loader, type TensorBoard } from "./server.js";

const python = requirePython("two runs in the HParams tab");
const runsDir = temporaryRuns();

async function train(runName: string, learningRate: number, params: GenericTrainerConfig["params"]): Promise<void> {
  const model = new LinearModel({ width: 2, kind: "logistic", learningRate });
  const config = { runName, runsDir, maxEpochs: 3, params, logging: { loggerType: "tensorboard", logEveryNSteps: 1 } } as const;
  const data = { train: linearBatches(6, 4, { kind: "logistic" }), validation: linearBatches(2, 4, { kind: "logistic" }) };
  await new GenericTrainer<Rows>(config, model, model.optimizer).fit(data);
}

beforeAll(async () => {
  await train("slow", 0.01, { augment: true });
  await train("fast", 1, { net: { width: 8 }, notANumber: NaN });
});

interface Column {
  hparam?: string;
  metric?: { group: string; tag: string };
}
interface Experiment {
  hparamInfos: { name: string; differs?: boolean }[];
  metricInfos: { name: { group: string; tag: string } }[];
}
interface Groups {
  sessionGroups: {
    hparams: Record<string, unknown>;
    metricValues: { name: { tag: string }; value: number | string }[];
    sessions: { name: string; status: string }[];
  }[];
}

describe.skipIf(python === null).each<Loader>(["fast", "python"])("TensorBoard's %s loader", (loader) => {
  let board: TensorBoard;
  const columns = (): Promise<Experiment> =>
    board.get("/data/plugin/hparams/experiment", { experimentName: "", includeMetrics: true });
  const rows = (colParams: readonly Column[] = []): Promise<Groups> =>
    board.get("/data/plugin/hparams/session_groups", {
      experimentName: "",
      colParams,
      startIndex: 0,
      sliceSize: 10,
      allowedStatuses: ["STATUS_SUCCESS", "STATUS_UNKNOWN", "STATUS_FAILURE", "STATUS_RUNNING"],
    });
  beforeAll(async () => {
    board = await serve(python as string, runsDir, loader);
    const loaded = async (): Promise<void> => {
      const { sessionGroups } = await rows();
      expect(sessionGroups.map(({ metricValues }) => metricValues.length > 4)).toEqual([true, true]);
    };
    await vi.waitFor(loaded, { timeout: 60_000, interval: 300 });
  });
  afterAll(() => board.stop());

  test("two runs are told apart by their learning rates, each with its own params", async () => {
    const { sessionGroups } = await rows();
    const byRun = Object.fromEntries(sessionGroups.map((group) => [group.sessions[0]?.name, group]));
    expect(Object.keys(byRun).toSorted()).toEqual(["fast", "slow"].map((name) => join(name, "tensorboard", "hparams")));
    const [fast, slow] = ["fast", "slow"].map((name) => byRun[join(name, "tensorboard", "hparams")]);
    expect(slow?.hparams).toMatchObject({ learningRate: 0.01, optimizer: "sgd", augment: true, maxEpochs: 3 });
    expect(fast?.hparams).toMatchObject({ learningRate: 1, "net.width": 8, notANumber: "NaN", parameterCount: 3 });
    expect(Object.keys(fast?.hparams ?? {}).length).toBeLessThan(12);
    expect([slow, fast].map((group) => group?.sessions[0]?.status)).toEqual(["STATUS_SUCCESS", "STATUS_SUCCESS"]);
  });

  test("the columns are those of both runs", async () => {
    const { hparamInfos } = await columns();
    const names = hparamInfos.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["learningRate", "augment", "net.width", "optimizer"]));
    expect(hparamInfos.find(({ name }) => name === "learningRate")).toMatchObject({ differs: true });
  });

  test("the metrics are the best and final values, and no curve", async () => {
    const { metricInfos } = await columns();
    expect(metricInfos.map(({ name }) => name.tag).toSorted()).toEqual(
      [
        ...["best_train_accuracy", "best_train_loss", "best_val_accuracy", "best_val_loss", "early_stopped", "total_epochs"],
        ...["total_steps", "train_accuracy", "train_loss", "val_accuracy", "val_loss"],
      ].map((name) => `final/${name}`),
    );
    const { sessionGroups } = await rows();
    const losses = sessionGroups.map(({ hparams, metricValues }) => [
      hparams["learningRate"],
      metricValues.find(({ name }) => name.tag === "final/best_val_loss")?.value as number,
    ]);
    const [slow, fast] = losses.toSorted(([a], [b]) => Number(a) - Number(b));
    expect(Number(fast?.[1])).toBeLessThan(Number(slow?.[1]));
  });
});
