/** `name` with what backends refuse in a metric name replaced by "_", and without empty segments. */
export function metricNamePart(name: string): string {
  const clean = name
    .replace(/[^A-Za-z0-9_\-. :/]+/g, "_")
    .split("/")
    .filter((segment) => segment !== "")
    .join("/");
  return clean === "" ? "_" : clean;
}
