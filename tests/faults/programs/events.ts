/** A listener of each event that throws or rejects, before one that behaves. */
import { defineHook, type TrainerEvents } from "trainscope";
import type { Rows } from "../../support/linear-model.js";
import { fail, report, watchProcess, type Fault } from "./support.js";

watchProcess();

const EVENTS = [
  "interval",
  "epochEnd",
  "validationEnd",
  "stopRequested",
  "backendFailed",
  "pointRefused",
  "warning",
] as const satisfies (keyof TrainerEvents)[];

/** Makes every event come up. */
const busy = () =>
  defineHook<Rows>("busy", {
    onTrainBatchEnd: (trainer) => void (trainer.state.step === 2 && trainer.logger.logMetrics({ "bad//name": 1 }, 2)),
    onEpochEnd: (trainer, epoch) => void (epoch === 1 && trainer.requestStop("enough")),
  });

for (const event of EVENTS) {
  for (const fault of ["throw", "reject"] as Fault[]) {
    let heard = 0;
    await report({
      name: `${event} ${fault}`,
      config: { maxEpochs: 5 },
      hooks: [busy()],
      backends: [{ name: "bad", logMetrics: () => fail("throw", new RangeError("the backend broke")) }],
      setUp: (trainer) => {
        trainer.events.on(event, (() => fail(fault, new RangeError("the listener broke"))) as never);
        trainer.events.on(event, () => void heard++);
      },
      after: async () => {
        await new Promise((resolve) => setTimeout(resolve, 20)); // an endless chain of rejections would show
        return { heard };
      },
    });
  }
}
