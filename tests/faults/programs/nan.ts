/** A loss that becomes NaN or infinite, with and without the hook that ends the run. */
import { readdirSync } from "node:fs";
import { LinearModel, linearBatches, type Rows } from "../../support/linear-model.js";
import { report, watchProcess, type Case } from "./support.js";

watchProcess();

/** The fourth batch is step 4: the first of the second epoch. */
function broken(value: number): Rows[] {
  return linearBatches(4, 4).map((rows, i) => (i === 3 ? { ...rows, y: rows.y.map(() => value) } : rows));
}

const after: Case["after"] = (_trainer, dir) => ({ files: readdirSync(dir).sort() });
const on = { enableTerminateOnNaN: true };
const terminate = { name: "", config: { minEpochs: 2, hooks: on }, after };

await report({ name: "continues", data: { train: { bad: broken(NaN) } }, after });
await report({ ...terminate, name: "ends at the boundary", data: { train: { bad: broken(NaN) } } });
await report({ ...terminate, name: "infinite", data: { train: { bad: broken(Infinity) } } });
await report({
  ...terminate,
  name: "ends at the step",
  model: new LinearModel({ width: 2 }),
  config: { hooks: { ...on, terminateOnNaNConfig: { check: "everyStep", dumpBatch: true } }, logging: { logEveryNSteps: 100 } },
  data: { train: { bad: broken(NaN) } },
});
await report({ name: "validation only", data: { validation: { bad: broken(NaN) } }, config: { hooks: on } });
