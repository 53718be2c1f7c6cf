// A custom backend: any object with a name and `logMetrics`. This one writes a CSV file.
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GenericTrainer, type LoggerBackend, type Metrics, type RunInfo } from "trainscope";
import { LogisticRegression, loaderOf, makePoints, type Point } from "./plain-model.js";

class CsvBackend implements LoggerBackend {
  readonly name: string = "csv";
  #path = "";
  #rows = 0;

  /** Called before the first record. The run directory exists. */
  start(run: RunInfo): void {
    this.#path = join(run.dir, "metrics.csv");
    writeFileSync(this.#path, "step,name,value\n");
  }

  logMetrics(metrics: Metrics, step: number): void {
    const rows = Object.entries(metrics).map(([name, value]) => `${step},${name},${value}\n`);
    appendFileSync(this.#path, rows.join(""));
    this.#rows += rows.length;
  }

  close(): void {
    console.log(`${this.#rows} rows in ${this.#path}`);
  }
}

const model = new LogisticRegression();
const trainer = new GenericTrainer<Point[]>(
  { maxEpochs: 3, logging: { loggerType: "none", loggers: [new CsvBackend()], logEveryNSteps: 10 } },
  model,
  model.optimizer,
);
const result = await trainer.fit({ train: loaderOf(makePoints(1000, 1)), validation: loaderOf(makePoints(500, 3)) });
console.log(result.delivery);
