/** Names under `train/` that are values of a log boundary, not means of an epoch. */
const NOT_EPOCH = /^train\/(learning_rate|batch_time_seconds)(\/|$)/;

/**
 * The name under which an epoch's value is logged, or null for a name that is not an epoch's: `train/loss` becomes
 * `epoch/train_loss`, `val/digits/loss` with a loader `digits` becomes `epoch/digits/val_loss`. Loader and metric names
 * may contain "/": the longest loader name that fits is taken.
 */
export function epochName(monitorName: string, loaderNames: ReadonlySet<string>): string | null {
  const split = monitorName.startsWith("train/") ? "train" : monitorName.startsWith("val/") ? "val" : null;
  if (split === null || NOT_EPOCH.test(monitorName)) return null;
  const rest = monitorName.slice(split.length + 1);
  for (let slash = rest.lastIndexOf("/"); slash > 0; slash = rest.lastIndexOf("/", slash - 1)) {
    const loader = rest.slice(0, slash);
    if (loaderNames.has(loader)) return `epoch/${loader}/${split}_${rest.slice(slash + 1)}`;
  }
  return `epoch/${split}_${rest}`;
}
