import { resolveConfig } from "../../src/config/index.js";
import type { GenericTrainerConfig } from "../../src/contract/index.js";
import { isTrainscopeError, type TrainscopeError } from "../../src/support/errors.js";

/** What `resolveConfig` throws, also for a config that a type checker would not let through. */
export function refusal(config: unknown, env: Record<string, string> = {}): TrainscopeError {
  return thrownBy(() => resolveConfig(config as GenericTrainerConfig, { env }));
}

/** The error of this package that `run` throws. */
export function thrownBy(run: () => unknown): TrainscopeError {
  try {
    run();
  } catch (error) {
    if (isTrainscopeError(error)) return error;
    throw error;
  }
  throw new TypeError("nothing was thrown");
}
