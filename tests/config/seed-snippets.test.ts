import { describe, expect, test } from "vitest";
import { resolveConfig } from "../../src/config/index.js";
import { refusal } from "./refusal.js";
import { SEED_SNIPPETS } from "./seed-snippets.js";

describe("the snippets of the observability guide", () => {
  test.each(SEED_SNIPPETS.filter((snippet) => snippet.built === true))("$name is accepted", ({ config }) => {
    expect(resolveConfig(config, { env: {} })).toMatchObject(config);
  });

  test.each(SEED_SNIPPETS.filter((snippet) => snippet.built !== true))("$name is refused by name", ({ config, built }) => {
    const error = refusal(config);
    expect(error.code).toBe("ERR_NOT_BUILT");
    expect(error.message).toContain(`"${built}" cannot be`);
    expect(error.message).not.toMatch(/There is no key|Found /);
  });
});
