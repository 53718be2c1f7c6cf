/** `<name>/<loader>` for a loader that has series of its own, else `<name>`. */
export function seriesOf(name: string, loader: string, loaders: readonly string[]): string {
  return loaders.includes(loader) ? `${name}/${loader}` : name;
}
