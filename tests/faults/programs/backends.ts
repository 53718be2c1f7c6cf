/** A backend that throws, rejects or hangs in each of its methods, beside one that behaves. */
import { TrainscopeError, defineHook, type LoggerBackend, type RunControl, type RunInfo, type TrainerView } from "trainscope";
import type { Rows } from "../../support/linear-model.js";
import { fail, report, watchProcess, type Case, type Fault } from "./support.js";

watchProcess();
process.setMaxListeners(100); // many runs in one process

const METHODS = [
  ...[
    "start",
    "logParams",
    "logMetrics",
    "logHistogram",
    "logImage",
    "logText",
    "logScatter",
    "logGraph",
    "logArtifact",
    "logEvent",
    "setTags",
    "setNotes",
  ],
  ...["flush", "close"],
] as const;

/** Every method is there; `faulty` fails, the others do nothing. `calls` counts them all. */
function backendWith(faulty: string, fault: Fault, thrown: unknown): LoggerBackend & { calls: Record<string, number> } {
  const calls: Record<string, number> = {};
  const method = (name: string) => (): unknown => {
    calls[name] = (calls[name] ?? 0) + 1;
    return name === faulty ? fail(fault, thrown) : undefined;
  };
  const methods = Object.fromEntries(METHODS.map((name) => [name, method(name)]));
  return { name: "bad", calls, ...methods } as unknown as LoggerBackend & { calls: Record<string, number> };
}

/** Writes one of everything at the first step, and flushes. */
const writer = defineHook<Rows>("writer", {
  onTrainBatchEnd(trainer: TrainerView) {
    const { logger, state } = trainer;
    if (state.step !== 1) return;
    const values = new Float32Array([1, 2, 3]);
    logger.logHistogram("h", values, 1);
    logger.logImage("i", { width: 1, height: 1, channels: 1, data: new Uint8Array(1) }, 1);
    logger.logText("t", "text", 1);
    logger.logScatter("s", values, values, 1);
    logger.logGraph({ layers: [] });
    logger.logEvent("happened", { message: "something" }, 1);
    logger.setTags({ a: "b" });
    logger.setNotes("a note");
    return logger.flush({ timeoutMs: 100 }).then(() => undefined);
  },
});

function faultCase(method: string, fault: Fault): Case {
  const backend = backendWith(method, fault, new RangeError(`${method} broke`));
  const failures: { backend: string; operation: string; message: string }[] = [];
  return {
    name: `${method} ${fault}`,
    hooks: [Object.assign(Object.create(writer) as typeof writer, { key: "writer" })],
    backends: [backend],
    config: { logging: { startTimeoutMs: 50 } },
    setUp: (trainer) =>
      trainer.events.on("backendFailed", ({ backend: name, operation, error }) =>
        failures.push({ backend: name, operation, message: String(error) }),
      ),
    after: () => ({ failures, calls: backend.calls }),
  };
}

const cases: Case[] = [];
for (const method of METHODS) for (const fault of ["throw", "reject", "hang"] as const) cases.push(faultCase(method, fault));

cases.push({
  name: "every method throws",
  hooks: [Object.assign(Object.create(writer) as typeof writer, { key: "writer" })],
  backends: [
    Object.assign(
      backendWith("", "throw", null),
      Object.fromEntries(METHODS.map((method) => [method, () => fail("throw", `${method} broke`)])),
    ),
  ],
});

const refusal = new TrainscopeError("ERR_BACKEND_REFUSED", "401: the key is wrong");
for (const fault of ["throw", "reject"] as const)
  cases.push({ name: `refusal ${fault}`, backends: [backendWith("start", fault, refusal)] });

/** A run that is stopped from a backend's page. */
const stopping = (when: "start" | "step"): LoggerBackend => {
  let control: RunControl | undefined;
  return {
    name: "page",
    start(_run: RunInfo, given: RunControl) {
      control = given;
      if (when === "start") control.requestStop("stopped from the page");
    },
    logMetrics(_metrics, step) {
      if (step === 2) control?.requestStop("stopped from the page");
    },
  };
};
for (const when of ["start", "step"] as const) {
  const stops: { reason: string; step: number }[] = [];
  cases.push({
    name: `stop from a backend at ${when}`,
    backends: [stopping(when)],
    setUp: (trainer) => trainer.events.on("stopRequested", ({ reason, step }) => stops.push({ reason, step })),
    after: () => ({ stops }),
  });
}

// All at once: a hanging backend is waited for, and the waits need not add up.
await Promise.all(cases.map(report));
