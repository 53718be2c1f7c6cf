import { describe, expect, test } from "vitest";
import { resolveConfig } from "../../src/config/index.js";
import type { GenericTrainerConfig } from "../../src/contract/index.js";
import { isTrainscopeError } from "../../src/errors.js";
import { SEED_SNIPPETS } from "./seed-snippets.js";

describe("the snippets of the observability guide", () => {
  test.each(SEED_SNIPPETS)("$name", ({ config, built }) => {
    if (built === true) {
      expect(resolveConfig(config as GenericTrainerConfig, { env: {} })).toMatchObject(config);
      return;
    }
    const error = errorOf(config);
    expect(error.code).toBe("ERR_NOT_BUILT");
    expect(error.message).toContain(`"${built}" cannot be`);
    expect(error.message).not.toContain("There is no key");
    expect(error.message).not.toContain("Found ");
  });
});

function errorOf(config: unknown): { code: string; message: string } {
  try {
    resolveConfig(config as GenericTrainerConfig, { env: {} });
  } catch (error) {
    if (isTrainscopeError(error)) return error;
    throw error;
  }
  throw new TypeError("the snippet was accepted");
}
