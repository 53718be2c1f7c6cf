import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";

const root = fileURLToPath(new URL("../..", import.meta.url));

declare module "vitest" {
  interface ProvidedContext {
    /** The packed tarball. */
    tarball: string;
    /** A directory outside of the repository whose node_modules holds the unpacked tarball and its declared dependencies only. */
    scratch: string;
  }
}

/** Packs the package as `npm publish` would (`prepack` builds), and lays it out as if installed, without the network. */
export function setup(project: TestProject): () => void {
  const work = mkdtempSync(join(tmpdir(), "trainscope-package-"));
  execFileSync("npm", ["pack", "--loglevel=error", "--pack-destination", work], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const tarball = join(work, readdirSync(work).find((name) => name.endsWith(".tgz")) ?? "no tarball");
  const scratch = join(work, "scratch");
  const installed = join(scratch, "node_modules/trainscope");
  mkdirSync(installed, { recursive: true });
  execFileSync("tar", ["-xzf", tarball, "-C", installed, "--strip-components=1"]);
  const manifest = JSON.parse(readFileSync(join(installed, "package.json"), "utf8")) as Record<string, Record<string, string>>;
  const needed = [
    ...Object.keys(manifest["dependencies"] ?? {}),
    ...Object.keys(manifest["peerDependencies"] ?? {}),
    "@types/node",
  ];
  for (const name of needed) {
    mkdirSync(dirname(join(scratch, "node_modules", name)), { recursive: true });
    symlinkSync(join(root, "node_modules", name), join(scratch, "node_modules", name), "dir");
  }
  project.provide("tarball", tarball);
  project.provide("scratch", scratch);
  return () => rmSync(work, { recursive: true, force: true });
}
