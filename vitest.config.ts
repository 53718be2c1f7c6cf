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
        test: { name: "core", include: ["src/**/*.test.ts", "tests/**/*.test.ts"], exclude: [...ignored, "tests/package/**"] },
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
