import { readFileSync } from "node:fs";
import type { KnipConfig } from "knip";

/** What is compiled: the sources of `exports`, `bin` and threads. A package test holds this list against package.json. */
const build = JSON.parse(readFileSync(new URL("tsconfig.build.json", import.meta.url), "utf8")) as { files: string[] };

/** Finds files, exports, types and dependencies that neither a user (through `exports`) nor another file needs. */
const config: KnipConfig = {
  workspaces: {
    ".": {
      entry: [
        ...build.files,
        // Started by their address.
        "src/support/worker-source.mjs",
        "scripts/*.mjs",
        "bench/{run,*-child,overhead-*}.ts",
        "bench/peers/*-child.ts",
        "examples/*.ts",
        "examples/digits/main.ts",
        "tests/**/{programs,children}/**/*.{ts,mjs}",
        "tests/support/*.mjs",
        "tests/package/consumer/*.ts",
        "tests/package/runtimes/program.mjs",
      ],
      project: ["{src,bench,examples,scripts,tests}/**/*.{ts,mjs}", "*.config.ts"],
      // Run by their path in node_modules.
      ignoreDependencies: ["@arethetypeswrong/cli", "oxlint", "oxlint-tsgolint", "typescript-5", "typescript-7"],
      // Of the system; tests that need them are skipped where they are missing, `npm run picture` needs `script`.
      ignoreBinaries: ["cc", "mkfifo", "mount", "script", "umount"],
    },
  },
  ignoreIssues: {
    "scripts/lib/prepare.mjs": ["exports"], // its tests import it by its address: it has no declarations
    "scripts/peers/table.mjs": ["exports"], // likewise
    "src/checkpoint/options.ts": ["exports"], // the schema of an interface in the contract, read by scripts/doc-comments.ts
  },
};

export default config;
