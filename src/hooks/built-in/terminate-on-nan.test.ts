import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { NamedTensor } from "../../contract/index.js";
import { TerminateOnNaNHook } from "./terminate-on-nan.js";
import type { TestView } from "../../../tests/support/test-view.js";
import { testInterval, testView } from "../../../tests/support/test-view.js";
import { TrainerHooks } from "../trainer-hooks.js";

let dir: string;
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), "nan-"))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function tensor(name: string, values: number[], async = false): NamedTensor {
  const data = new Float32Array(values);
  return { name, shape: [values.length], dtype: "F32", read: () => (async ? Promise.resolve(data) : data) };
}

async function step(hook: TerminateOnNaNHook, { trainer, state }: TestView, batch: unknown, loss: number): Promise<void> {
  await hook.onTrainBatchStart(trainer, batch, 0, "clean");
  state.step++;
  state.batch++;
  await hook.onTrainBatchEnd(trainer, batch, 0, "clean", { loss });
}

describe("check: boundary", () => {
  test("stops by force with the first bad value of the interval, once", () => {
    const { trainer, recorded } = testView();
    const hook = new TerminateOnNaNHook();
    hook.onLogInterval(trainer, testInterval(50, { loss: 1 }));
    const nonFinite = { metric: "accuracy", value: Infinity, step: 73, batch: 72, loaderName: "shifted" };
    hook.onLogInterval(trainer, testInterval(100, { loss: 1 }, { nonFinite }));
    hook.onLogInterval(trainer, testInterval(150, { loss: 1 }, { nonFinite }));
    expect(recorded.stops).toEqual([
      { reason: 'terminateOnNaN: accuracy is Infinity at step 73 (loader "shifted", batch 73)', force: true },
    ]);
  });

  test("takes no part in the batches and awaits no deferred value", () => {
    const hook = new TerminateOnNaNHook();
    expect(hook.onTrainBatchEnd).toBe(TrainerHooks.prototype.onTrainBatchEnd);
    expect(hook.onTrainBatchStart).toBe(TrainerHooks.prototype.onTrainBatchStart);
    expect(hook.reads).toBeUndefined();
  });
});

describe("check: everyStep", () => {
  test("names step, loader, batch, first bad gradient and parameter", async () => {
    const view = testView({
      model: {
        gradients: () => [tensor("a", [1]), tensor("b", [NaN, 1, Infinity]), tensor("c", [NaN])],
        parameters: () => [tensor("a", [1], true), tensor("b", [2], true), tensor("c", [NaN, NaN], true)],
      },
    });
    const hook = new TerminateOnNaNHook({ check: "everyStep" });
    expect(hook.reads).toEqual(["loss"]);
    for (const loss of [1, 0, NaN, NaN]) await step(hook, view, {}, loss);
    hook.onLogInterval(
      view.trainer,
      testInterval(4, {}, { nonFinite: { metric: "loss", value: NaN, step: 3, batch: 2, loaderName: "clean" } }),
    );
    expect(view.recorded.stops).toEqual([
      {
        reason:
          'terminateOnNaN: loss is NaN at step 3 (loader "clean", batch 3); first bad gradient "b" (2 of 3 values); first bad parameter "c" (2 of 2 values)',
        force: true,
      },
    ]);
    expect(view.recorded.gradientsWanted).toBe(4);
  });

  test("a model without gradients or parameters, and one that cannot be read", async () => {
    const bare = testView();
    await step(new TerminateOnNaNHook({ check: "everyStep" }), bare, {}, Infinity);
    expect(bare.recorded.stops[0]?.reason).toBe('terminateOnNaN: loss is Infinity at step 1 (loader "clean", batch 1)');
    expect(bare.recorded.gradientsWanted).toBe(0);
    const broken = testView({
      model: {
        gradients: () => [tensor("a", [0])],
        parameters: () => [{ ...tensor("a", []), read: () => Promise.reject(new Error("device lost")) }],
      },
    });
    await step(new TerminateOnNaNHook({ check: "everyStep" }), broken, {}, NaN);
    expect(broken.recorded.stops[0]?.reason).toMatch(
      /; every gradient is finite; the parameters could not be read \(device lost\)$/,
    );
  });

  test("a loss of zero goes on", async () => {
    const view = testView();
    await step(new TerminateOnNaNHook({ check: "everyStep" }), view, {}, 0);
    expect(view.recorded.stops).toEqual([]);
  });
});

describe("dumpBatch", () => {
  /** A tensor as TensorFlow.js has them: clones share the data, and a disposed one cannot be read. */
  class FakeTensor {
    static alive = 0;
    readonly dtype = "float32";
    readonly shape: readonly number[] = [2];
    readonly #values: Float32Array;
    #disposed = false;
    constructor(values: Float32Array) {
      this.#values = values;
      FakeTensor.alive++;
    }
    clone(): FakeTensor {
      return new FakeTensor(this.#values);
    }
    dispose(): void {
      if (!this.#disposed) FakeTensor.alive--;
      this.#disposed = true;
    }
    data(): Promise<Float32Array> {
      return this.#disposed ? Promise.reject(new Error("Tensor is disposed.")) : Promise.resolve(this.#values);
    }
  }

  function dumped(): { name: string; content: Record<string, unknown> } {
    const name = readdirSync(dir)[0] ?? "";
    return { name, content: JSON.parse(readFileSync(join(dir, name), "utf8")) as Record<string, unknown> };
  }

  test("writes the batch of the bad step, safe for NaN, tensors, cycles and odd values", async () => {
    const view = testView({ dir });
    const hook = new TerminateOnNaNHook({ check: "everyStep", dumpBatch: true });
    await step(hook, view, { xs: new Float32Array([9]) }, 1);
    const cyclic: Record<string, unknown> = { id: 10n, label: undefined, name: "seven" };
    cyclic["self"] = cyclic;
    await step(
      hook,
      view,
      { xs: new Float32Array([NaN, -0, Infinity, 1.5]), ys: [[1, NaN]], ids: new BigInt64Array([3n]), cyclic },
      NaN,
    );
    expect(dumped()).toEqual({
      name: "nan-batch-step-2.json",
      content: {
        metric: "loss",
        value: "NaN",
        step: 2,
        batch: {
          xs: { type: "Float32Array", data: ["NaN", "-0", "Infinity", 1.5] },
          ys: [[1, "NaN"]],
          ids: { type: "BigInt64Array", data: ["3"] },
          cyclic: { id: "10", label: "undefined", name: "seven", self: "<the same object as above>" },
        },
        loaderName: "clean",
        notes: "",
        batchIndex: 1,
      },
    });
    expect(view.recorded.stops[0]?.reason).toMatch(/; the batch is in nan-batch-step-2\.json$/);
  });

  test("tensors outlive the step that consumes them, and none is left", async () => {
    const view = testView({ dir });
    const hook = new TerminateOnNaNHook({ check: "everyStep", dumpBatch: true });
    for (const loss of [1, NaN]) {
      const xs = new FakeTensor(new Float32Array([loss, 2]));
      const batch = { xs, pair: [xs] };
      void hook.onTrainBatchStart(view.trainer, batch, 0, "clean");
      xs.dispose();
      view.state.step++;
      view.state.batch++;
      await hook.onTrainBatchEnd(view.trainer, batch, 0, "clean", { loss });
    }
    const written = { type: "Tensor", data: ["NaN", 2], dtype: "float32", shape: [2] };
    expect(dumped().content["batch"]).toEqual({ xs: written, pair: [written] });
    expect(FakeTensor.alive).toBe(0);
  });

  test("a step that throws leaves no tensor behind", () => {
    const { trainer } = testView({ dir });
    const hook = new TerminateOnNaNHook({ check: "everyStep", dumpBatch: true });
    const xs = new FakeTensor(new Float32Array(2));
    void hook.onTrainBatchStart(trainer, { xs }, 0, "clean");
    xs.dispose();
    hook.onTrainEnd();
    expect(FakeTensor.alive).toBe(0);
  });

  test("a directory that cannot be written does not hide the reason", async () => {
    const file = join(dir, "file");
    writeFileSync(file, "");
    const view = testView({ dir: join(file, "run") });
    await step(new TerminateOnNaNHook({ check: "everyStep", dumpBatch: true }), view, {}, NaN);
    expect(view.recorded.stops[0]?.reason).toMatch(/loss is NaN at step 1 .*; the batch could not be written \(.*ENOTDIR/);
  });

  test("config that makes no sense is refused", () => {
    expect(() => new TerminateOnNaNHook({ dumpBatch: true })).toThrow(/ERR_CONFIG at hooks\.terminateOnNaNConfig\.dumpBatch/);
    expect(() => new TerminateOnNaNHook({ check: "sometimes" as "boundary" })).toThrow(
      /ERR_CONFIG at hooks\.terminateOnNaNConfig\.check/,
    );
  });
});
