import { expect, test } from "vitest";
import { nodeProblem } from "./node-floor.js";

test.each([
  { node: "20.19.0" },
  { node: "20.20.2" },
  { node: "22.0.0" },
  { node: "26.10.0" },
  { node: "100.1.0" },
  { node: "18.20.8", bun: "1.4.5" },
  { node: "18.20.8", deno: "2.9.6" },
  {},
])("runs on $node", (versions: Record<string, string>) => expect(nodeProblem(versions)).toBeNull());

test.each(["16.20.2", "18.20.8", "20.0.0", "20.18.3", "20.2.0"])("refuses %s in one sentence", (node) => {
  expect(nodeProblem({ node })).toBe(`trainscope needs Node 20.19 or newer; this is ${node}.`);
});
