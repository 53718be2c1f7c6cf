// Two ways to write a hook: `defineHook`, which infers parameter types, and a class whose state is saved in checkpoints.
import { GenericTrainer, TrainerHooks, defineHook, every, type Metrics, type StateValue, type TrainerView } from "trainscope";
import { LogisticRegression, loaderOf, makePoints, type Point } from "./plain-model.js";

/** Logs a text when the loss is too high. */
const alarm = defineHook<Point[]>("lossAlarm", {
  onTrainBatchEnd(trainer, batch, _loaderIdx, loaderName, metrics) {
    const loss = metrics["loss"];
    if (loss !== undefined && loss > 0.6) {
      trainer.logger.logText("alarm", `loss ${loss.toFixed(3)} on ${batch.length} samples of ${loaderName}`, trainer.state.step);
    }
  },
});

/** Stops the run when `val/accuracy` was at least `goal` in `times` validations in a row. */
class StopAtGoal extends TrainerHooks<Point[]> {
  readonly #goal: number;
  readonly #times: number;
  #inARow = 0;

  constructor(config: { goal: number; times: number }) {
    super();
    this.#goal = config.goal;
    this.#times = config.times;
  }

  override onValidationEnd(trainer: TrainerView, _epoch: number, metrics: Metrics): void {
    this.#inARow = (metrics["val/accuracy"] ?? 0) >= this.#goal ? this.#inARow + 1 : 0;
    if (this.#inARow >= this.#times)
      trainer.requestStop(`val/accuracy was at least ${this.#goal}, ${this.#times} times in a row`);
  }

  override state(): StateValue {
    return this.#inARow;
  }

  override loadState(state: StateValue): void {
    this.#inARow = state as number;
  }
}

const model = new LogisticRegression();
const trainer = new GenericTrainer<Point[]>(
  {
    maxEpochs: 50,
    logging: { loggerType: "console", logEveryNSteps: 100 },
    hooks: { hookClasses: [{ hook: StopAtGoal, config: { goal: 0.95, times: 2 } }] },
  },
  model,
  model.optimizer,
);
trainer.hookManager.registerHook(every(10, alarm)); // at every tenth batch
const result = await trainer.fit({ train: loaderOf(makePoints(1000, 1)), validation: loaderOf(makePoints(500, 3)) });
console.log(trainer.hookManager.describe());
console.log(`${result.status} after ${result.epochs} epochs: ${result.reason}`);
