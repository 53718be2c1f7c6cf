const ALIAS = /^(val|train)_(.+)$/;

/**
 * The name under which `name` is found among `available`, or null when it is not there. A name that is there is taken as
 * it is; otherwise `val_loss` means `val/loss`, `train_loss` means `train/loss`, and so on.
 */
export function resolveMonitor(name: string, available: Iterable<string> | Readonly<Record<string, unknown>>): string | null {
  const has = lookup(available);
  if (has(name)) return name;
  const alias = ALIAS.exec(name);
  if (alias === null) return null;
  const full = `${alias[1]}/${alias[2]}`;
  return has(full) ? full : null;
}

/** True for a monitor name whose value comes from a validation: `val/loss`, `val_loss`. */
export function isOfValidation(name: string): boolean {
  return /^val[/_]/.test(name);
}

function lookup(available: Iterable<string> | Readonly<Record<string, unknown>>): (name: string) => boolean {
  if (!(Symbol.iterator in available)) return (name) => Object.hasOwn(available, name);
  const names = new Set(available as Iterable<string>);
  return (name) => names.has(name);
}
