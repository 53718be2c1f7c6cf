import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** src/, with a slash at the end. */
export const SRC: string = fileURLToPath(new URL("../src/", import.meta.url));

/** The schemas that a source exports, by name. */
export const EXPORTED_SCHEMA: RegExp = /^export const (\w+): z\.ZodType</gm;

/** The TypeScript files below a folder of src/, tests left out, by their paths in it, sorted. */
export function sourcesBelow(folder: string): string[] {
  const names = readdirSync(`${SRC}${folder}`, { recursive: true, encoding: "utf8" });
  return names
    .map((name) => name.replaceAll("\\", "/"))
    .filter((name) => /^[^.]+\.ts$/.test(name))
    .sort();
}
