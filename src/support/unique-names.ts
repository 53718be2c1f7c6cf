/** `name`, or `name#2`, `name#3`, … where it is taken. `separator` comes before the number. */
export function freeName(name: string, taken: ReadonlySet<string>, separator = "#"): string {
  let free = name;
  for (let count = 2; taken.has(free); count++) free = `${name}${separator}${count}`;
  return free;
}

/** The names in their order, no two alike: a name that is taken gets a number (`freeName`), also one such as `a#2` given by hand. */
export function uniqueNames(names: readonly string[], separator = "#"): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const free = freeName(name, taken, separator);
    taken.add(free);
    return free;
  });
}
