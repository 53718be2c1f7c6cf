/** A hook that throws or rejects in each of its methods, and hooks that throw what is not an Error. */
import { TrainerHooks, defineHook } from "trainscope";
import { LinearModel, type Rows } from "../../support/linear-model.js";
import { HOOK_METHODS, fail, report, watchProcess, type Case, type Fault } from "./support.js";

watchProcess();

/** A method that is called only on an error or on a stop gets one. */
function circumstances(method: string): Partial<Case> {
  if (method === "onStop")
    return { hooks: [defineHook<Rows>("stopper", { onEpochEnd: (trainer) => trainer.requestStop("enough") })] };
  if (method !== "onException") return {};
  const model = new LinearModel({ width: 2 });
  model.trainStep = () => {
    throw new RangeError("the step broke");
  };
  return { model };
}

function faulty(method: string, fault: Fault, thrown: unknown): TrainerHooks<Rows> {
  return Object.assign(new TrainerHooks<Rows>(), { key: "faulty", [method]: () => fail(fault, thrown) });
}

for (const method of HOOK_METHODS) {
  for (const fault of ["throw", "reject"] as const) {
    const thrown = new RangeError(`${method} broke`);
    const { hooks = [], ...rest } = circumstances(method);
    await report({ name: `${method} ${fault}`, thrown, ...rest, hooks: [...hooks, faulty(method, fault, thrown)] });
  }
}

const ODD: Readonly<Record<string, unknown>> = {
  text: "just text",
  undefined: undefined,
  null: null,
  number: 42,
  object: { broken: true },
  symbol: Symbol("broken"),
  frozen: Object.freeze(new RangeError("frozen")),
};
for (const [what, thrown] of Object.entries(ODD)) {
  for (const fault of ["throw", "reject"] as const)
    await report({ name: `odd ${what} ${fault}`, thrown, hooks: [faulty("onTrainBatchEnd", fault, thrown)] });
}

await report({
  name: "two faults",
  thrown: "first",
  hooks: [
    defineHook<Rows>("one", { onTrainBatchEnd: () => fail("throw", "first"), onTrainEnd: () => fail("throw", "second") }),
    defineHook<Rows>("two", { onException: () => fail("reject", "third") }),
  ],
});
