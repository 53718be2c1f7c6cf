import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig, type ViteUserConfig } from "vitest/config";
import { peerFiles } from "./tests/support/peer-files.js";

const ignored = ["**/node_modules/**", "**/dist/**", ".peers/**", "runs/**", "tests/package/consumer/**"];
const elsewhere = ["tests/package/**", "tests/browser/**"];
const withPeers = peerFiles(fileURLToPath(new URL(".", import.meta.url)), ["src", "tests"]);

const config: ViteUserConfig = defineConfig({
  test: {
    pool: "forks", // a process for each file: signals, exit codes and TensorFlow.js backends stay apart
    maxWorkers: Math.max(3, availableParallelism()), // one more than two cores: tests wait for processes that they kill
    // For a machine with ten times as much to do. Nothing waits for these but what hangs.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000, interval: 100 } },
    coverage: { include: ["src/**/*.ts"], exclude: ["src/**/*.test.ts", "src/**/*.test-d.ts"] },
    projects: [
      {
        // Everything that must pass on every supported Node.
        extends: true,
        test: {
          name: "core",
          include: ["src/**/*.test.ts", "tests/**/*.test.ts"],
          exclude: [...ignored, ...elsewhere, ...withPeers],
        },
      },
      {
        // What programs of others read (scripts/peers/table.mjs). Once, on one Node.
        extends: true,
        test: { name: "peers", include: withPeers, exclude: [...ignored, ...elsewhere] },
      },
      {
        // What a browser shows of what was logged. After the others: it takes both cores for itself.
        extends: true,
        test: {
          name: "browser",
          include: ["tests/browser/**/*.test.ts"],
          exclude: ignored,
          sequence: { groupOrder: 1 },
          hookTimeout: 240_000,
        },
      },
      {
        // The packed tarball, as users get it.
        extends: true,
        test: {
          name: "package",
          include: ["tests/package/**/*.test.ts"],
          exclude: ignored,
          globalSetup: ["tests/package/global-setup.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});

export default config;
