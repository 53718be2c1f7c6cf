/**
 * Where a series is written when train and validation are TensorBoard runs of their own, so that both are curves of one chart:
 *
 * | logged as | "phases": run, tag | "loaders": run, tag |
 * |---|---|---|
 * | `train/loss_step` | `train`, `loss_step` | the same |
 * | `epoch/val_loss` | `validation`, `epoch/loss` | the same |
 * | `train/<loader>/loss_step` | `train`, `<loader>/loss_step` | `train/<loader>`, `loss_step` |
 * | `epoch/<loader>/val_loss` | `validation`, `epoch/<loader>/loss` | `validation/<loader>`, `epoch/loss` |
 *
 * Every other series is written to the run's own directory, under its own name.
 */
import type { TensorBoardLayout } from "../../contract/index.js";
import { childNameOf } from "./child-name.js";

/** Where the points of a series are written. */
export interface Place {
  /** The directory below the run's; null: the run's own. */
  child: string | null;
  /** The tag in that directory. */
  tag: string;
}

/** The directories of the splits, below the run's. */
export const SPLIT_DIRECTORIES: readonly string[] = ["train", "validation"];

const OF_ALL = /^epoch\/(train|val)_(.+)$/;
const OF_LOADER = /^epoch\/(.+?)\/(train|val)_(.+)$/;
const STEP = /^train\/(?:(.+)\/(loss)|(.+))_step$/;

/** The place of the series `name`. Pure. A metric name with "/" is distinguished from a loader's as far as the pattern allows. */
export function placeOf(name: string, layout: TensorBoardLayout): Place {
  if (layout === "one") return { child: null, tag: name };
  const step = STEP.exec(name);
  if (step !== null) return placeIn(layout, "train", step[1], "", `${step[2] ?? step[3] ?? ""}_step`);
  const all = OF_ALL.exec(name);
  if (all !== null) return placeIn(layout, all[1], undefined, "epoch/", all[2]);
  const loader = OF_LOADER.exec(name);
  if (loader !== null) return placeIn(layout, loader[2], loader[1], "epoch/", loader[3]);
  return { child: null, tag: name };
}

function placeIn(layout: TensorBoardLayout, split = "", loader: string | undefined, group: string, metric = ""): Place {
  const directory = split === "val" ? "validation" : "train";
  if (loader === undefined) return { child: directory, tag: group + metric };
  if (layout === "loaders") return { child: `${directory}/${childNameOf(loader)}`, tag: group + metric };
  return { child: directory, tag: `${group}${loader}/${metric}` };
}
