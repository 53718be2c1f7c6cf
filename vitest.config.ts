import { defineConfig, type ViteUserConfig } from "vitest/config";

const ignored = ["**/node_modules/**", "**/dist/**", ".peers/**", "runs/**", "tests/package/consumer/**"];

const config: ViteUserConfig = defineConfig({
  test: {
    pool: "forks", // a process for each file: signals, exit codes and TensorFlow.js backends stay apart
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    coverage: { include: ["src/**/*.ts"], exclude: ["src/**/*.test.ts", "src/**/*.test-d.ts"] },
    projects: [
      {
        // Everything that must pass on every supported Node.
        extends: true,
        test: {
          name: "core",
          include: ["src/**/*.test.ts", "tests/**/*.test.ts"],
          exclude: [...ignored, "tests/package/**", "tests/browser/**"],
        },
      },
      {
        // What a browser shows of what was logged. After the others: it takes both cores for itself.
        extends: true,
        test: {
          name: "browser",
          include: ["tests/browser/**/*.test.ts"],
          exclude: ignored,
          globalSetup: ["tests/browser/global-setup.ts"],
          sequence: { groupOrder: 1 },
          testTimeout: 60_000,
          hookTimeout: 120_000,
          expect: { poll: { timeout: 20_000, interval: 100 } },
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
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});

export default config;
