import { expect, test } from "vitest";
import { z } from "zod";
import { agreeing, count } from "./fields.js";

interface Input {
  size?: number | undefined;
}
interface Resolved {
  size: number;
}

test("a schema that agrees with its interfaces compiles; one that does not, does not", () => {
  const agrees = agreeing<Resolved, Input>()("fits", () => z.strictObject({ size: count().default(3) }));
  // @ts-expect-error -- what it gives has no default: size may be missing
  agreeing<Resolved, Input>()("optional", () => z.strictObject({ size: count().optional() }));
  // @ts-expect-error -- what it takes must have a size
  agreeing<Resolved, Input>()("required", () => z.strictObject({ size: count() }));
  // @ts-expect-error -- it has a key more than the interface
  agreeing<Resolved, Input>()("one more", () => z.strictObject({ size: count().default(3), more: z.string().optional() }));
  // @ts-expect-error -- it has another type
  agreeing<Resolved, Input>()("other", () => z.strictObject({ size: z.string().default("3") }));
  expect(agrees.parse({})).toEqual({ size: 3 });
  expect(agrees.safeParse({ sizes: 1 }).success).toBe(false);
});
