/**
 * Saves with system calls that fail (shim.c). `faulty.ts DIR CASES`: for each case, a good save, then one under the fault,
 * then a good one. Reports how each ended and what loads after it.
 */
import { readdirSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { isTrainscopeError } from "trainscope";
import { CheckpointManager } from "trainscope/checkpoint";
import { bundleAt, isExact } from "./bundles.js";

const KILOBYTES = 300;
const [dir = "", json = "[]"] = process.argv.slice(2);
const control = process.env["FAULT_FILE"] ?? "";

function say(word: string, facts: Readonly<Record<string, unknown>>): void {
  writeSync(1, `${JSON.stringify({ say: word, ...facts })}\n`);
}

/** `done`, or what it failed with. */
async function save(manager: CheckpointManager, step: number): Promise<Record<string, unknown>> {
  try {
    const ticket = manager.save(bundleAt(step, KILOBYTES), { epoch: 0, step });
    await ticket.committed;
    return { done: true };
  } catch (error) {
    const { code, message, cause } = error as { code?: string; message: string; cause?: { code?: string; message?: string } };
    return { done: false, ours: isTrainscopeError(error), code, message, cause: cause?.code ?? cause?.message };
  }
}

let step = 0;
for (const fault of JSON.parse(json) as string[]) {
  const warnings: string[] = [];
  const manager = new CheckpointManager({ dir, maxCheckpoints: 2, saveTopK: 0, onWarning: (message) => warnings.push(message) });
  const before = await save(manager, ++step);
  writeFileSync(control, fault);
  const under = await save(manager, ++step);
  rmSync(control);
  const last = await manager.loadLast();
  const held = { loaded: step - (last?.info.step ?? 0), exact: last !== null && isExact(last, KILOBYTES) };
  const after = await save(manager, ++step);
  const names = (await manager.list()).map(({ step: listed }) => step - listed);
  const problems = await manager.verify();
  await manager.close();
  say("case", {
    fault,
    before,
    under,
    held,
    after,
    names,
    problems,
    warnings,
    hidden: readdirSync(dir).filter((name) => name.startsWith(".")),
  });
}
