import type { TestProject } from "vitest/node";

const scripts = new URL("../../scripts/lib/peers.mjs", import.meta.url).href;
const { chromiumPeer } = (await import(scripts)) as { chromiumPeer(): Chromium };

type Chromium = { chromium: string; missing: null } | { chromium: null; missing: string };

declare module "vitest" {
  interface ProvidedContext {
    /** The path of Chromium on this machine, or why there is none. */
    chromium: Chromium;
  }
}

/** Looks for Chromium, and installs it where that is possible, once for all test files. */
export function setup(project: TestProject): void {
  project.provide("chromium", chromiumPeer());
}
