/**
 * Where a series goes when train and validation are TensorBoard runs of their own, so that both are curves of one chart:
 *
 * | logged as | "phases": run, tag | "loaders": run, tag |
 * |---|---|---|
 * | `train/loss_step` | `train`, `loss_step` | the same |
 * | `epoch/val_loss` | `validation`, `epoch/loss` | the same |
 * | `train/<loader>/loss_step` | `train`, `<loader>/loss_step` | `train/<loader>`, `loss_step` |
 * | `epoch/<loader>/val_loss` | `validation`, `epoch/<loader>/loss` | `validation/<loader>`, `epoch/loss` |
 *
 * Everything else stays in the run's own directory, by its own name.
 */
import type { TensorBoardLayout } from "../../contract/index.js";
import { childNameOf } from "./child-name.js";

export interface Place {
  /** The directory below the run's; null: the run's own. */
  child: string | null;
  tag: string;
}

/** The directories that a layout makes. */
export const PHASE_DIRECTORIES: readonly string[] = ["train", "validation"];

const OF_ALL = /^epoch\/(train|val)_(.+)$/;
const OF_LOADER = /^epoch\/(.+?)\/(train|val)_(.+)$/;
const STEP = /^train\/(?:(.+)\/(loss)|(.+))_step$/;

/** Pure. Metric names with "/" are told from loader names as far as the pattern shows. */
export function placeOf(name: string, layout: TensorBoardLayout): Place {
  if (layout === "one") return { child: null, tag: name };
  const step = STEP.exec(name);
  if (step !== null) return place(layout, "train", step[1], "", `${step[2] ?? step[3] ?? ""}_step`);
  const all = OF_ALL.exec(name);
  if (all !== null) return place(layout, all[1], undefined, "epoch/", all[2]);
  const loader = OF_LOADER.exec(name);
  if (loader !== null) return place(layout, loader[2], loader[1], "epoch/", loader[3]);
  return { child: null, tag: name };
}

function place(layout: TensorBoardLayout, phase = "", loader: string | undefined, group: string, metric = ""): Place {
  const directory = phase === "val" ? "validation" : "train";
  if (loader === undefined) return { child: directory, tag: group + metric };
  if (layout === "loaders") return { child: `${directory}/${childNameOf(loader)}`, tag: group + metric };
  return { child: directory, tag: `${group}${loader}/${metric}` };
}
