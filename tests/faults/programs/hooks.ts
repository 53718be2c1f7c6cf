/** A hook that throws or rejects in each of its moments, and hooks that throw what is not an Error. */
import { TrainerHooks, defineHook } from "trainscope";
import { LinearModel, type Rows } from "../../support/linear-model.js";
import { EVENTS, fail, report, watchProcess, type Case, type Fault } from "./support.js";

watchProcess();

/** A moment that comes only on an error or on a stop gets one. */
function circumstances(event: string): Partial<Case> {
  if (event === "onStop")
    return { hooks: [defineHook<Rows>("stopper", { onEpochEnd: (trainer) => trainer.requestStop("enough") })] };
  if (event !== "onException") return {};
  const model = new LinearModel({ width: 2 });
  model.trainStep = () => {
    throw new RangeError("the step broke");
  };
  return { model };
}

function faulty(event: string, fault: Fault, thrown: unknown): TrainerHooks<Rows> {
  return Object.assign(new TrainerHooks<Rows>(), { key: "faulty", [event]: () => fail(fault, thrown) });
}

for (const event of EVENTS) {
  for (const fault of ["throw", "reject"] as const) {
    const thrown = new RangeError(`${event} broke`);
    const { hooks = [], ...rest } = circumstances(event);
    await report({ name: `${event} ${fault}`, thrown, ...rest, hooks: [...hooks, faulty(event, fault, thrown)] });
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
