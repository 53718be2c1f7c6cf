/** `name`, or `name#2`, `name#3`, … where it is taken. `separator` comes before the number. */
export function freeName(name: string, taken: ReadonlySet<string>, separator = "#"): string {
  let free = name;
  for (let count = 2; taken.has(free); count++) free = `${name}${separator}${count}`;
  return free;
}

/** Names in use, no two alike. Taking many names that are alike costs the same for each: a number that was given is not tried again. */
export class UniqueNames {
  readonly #taken = new Set<string>();
  readonly #lastCount = new Map<string, number>();
  readonly #separator: string;

  constructor(separator = "#") {
    this.#separator = separator;
  }

  /** Takes `name`, or `name#2`, `name#3`, … where it is taken. */
  take(name: string): string {
    let free = name;
    let count = this.#lastCount.get(name) ?? 1;
    while (this.#taken.has(free)) free = `${name}${this.#separator}${++count}`;
    if (count > 1) this.#lastCount.set(name, count);
    this.#taken.add(free);
    return free;
  }

  /** Gives back a name that `take` returned: it, and the numbers after it, are tried again. */
  release(name: string): void {
    this.#taken.delete(name);
    const at = name.lastIndexOf(this.#separator);
    if (at > 0) this.#lastCount.delete(name.slice(0, at));
  }
}

/** The names in their order, no two alike: a name that is taken gets a number, also one such as `a#2` given by hand. */
export function uniqueNames(names: readonly string[], separator = "#"): string[] {
  const unique = new UniqueNames(separator);
  return names.map((name) => unique.take(name));
}

/** The names that the states of optimizers are stored under, in their order: of two called `sgd` the second is `sgd#2`. */
export function optimizerKeys(optimizers: readonly { readonly name: string }[]): string[] {
  return uniqueNames(optimizers.map(({ name }) => name));
}

/** The names of the learning rates of a trainer's optimizers: `train/learning_rate`; of several `train/learning_rate/<name>`. */
export function learningRateNames(optimizers: readonly string[]): string[] {
  if (optimizers.length <= 1) return ["train/learning_rate"];
  return uniqueNames(optimizers, "_").map((name) => `train/learning_rate/${name}`);
}
