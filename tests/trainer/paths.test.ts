import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { GenericTrainer } from "../../src/index.js";
import { LinearModel, linearBatches, type Rows } from "../support/linear-model.js";

const home = process.cwd();
let made: string;
beforeEach(() => {
  made = realpathSync(mkdtempSync(join(tmpdir(), "trainscope-paths-")));
  for (const name of ["first", "second"]) mkdirSync(join(made, name));
  process.chdir(join(made, "first"));
});
afterEach(() => {
  process.chdir(home);
  rmSync(made, { recursive: true, force: true });
});

test.each(["between constructor and prepare", "between prepare and fit"])(
  "every relative path of the config belongs to the working directory of the constructor, left %s",
  async (when) => {
    writeFileSync("hooks.mjs", "export class Mine { key = 'mine'; onTrainEnd() {} }");
    const trainer = new GenericTrainer<Rows>(
      {
        maxEpochs: 1,
        runsDir: "runs",
        runName: "one",
        logging: { loggerType: "tensorboard", tensorboardDir: "board" },
        hooks: {
          hookClasses: ["./hooks.mjs#Mine"],
          enableModelCheckpointHook: true,
          modelCheckpointConfig: { monitor: "train/loss", dir: "saved", backupDir: "copies" },
        },
      },
      new LinearModel({ width: 2 }),
    );
    if (when === "between prepare and fit") await trainer.prepare();
    process.chdir(join(made, "second"));
    const result = await trainer.fit({ train: linearBatches(2, 4) });
    expect(result).toMatchObject({ status: "completed", dir: join(made, "first", "runs", "one") });
    expect(readdirSync(join(made, "second"))).toEqual([]);
    for (const name of ["runs/one/summary.json", "board", "saved", "copies"])
      expect({ name, exists: existsSync(join(made, "first", name)) }).toEqual({ name, exists: true });
  },
);

test.each([
  [{ runsDir: "~/runs" }, "runsDir"],
  [{ logging: { tensorboardDir: "~" } }, "logging.tensorboardDir"],
  [{ hooks: { modelCheckpointConfig: { dir: "~me/saved" } } }, "hooks.modelCheckpointConfig.dir"],
])("%j is refused: no directory called ~ is made", (config, path) => {
  const make = (): unknown => new GenericTrainer({ maxEpochs: 1, ...config }, new LinearModel({ width: 2 }));
  expect(make).toThrow(`ERR_CONFIG at ${path}`);
  expect(make).toThrow("Node does not expand");
  expect(readdirSync(".")).toEqual([]);
});
