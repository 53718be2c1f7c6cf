import { beforeAll, expect, test } from "vitest";
import { run, type ChildEnd } from "./child.js";
import { caseIn, expectCleanExit } from "./expectations.js";

let end: ChildEnd;
beforeAll(async () => {
  end = await run("events.ts");
});

test("the process ends by itself, and nothing was left unhandled", () => expectCleanExit(end));

const HEARD = { interval: 6, epochEnd: 2, validationEnd: 2, stopRequested: 1, backendFailed: 1, pointRefused: 1, warning: 2 };

test.each(Object.entries(HEARD).flatMap(([event, heard]) => ["throw", "reject"].map((fault) => ({ event, fault, heard }))))(
  "a listener of $event that does $fault harms neither the run nor the other listeners",
  ({ event, fault, heard }) => {
    const report = caseIn(end, `${event} ${fault}`);
    expect(report.result).toMatchObject({ status: "stopped", reason: "enough", epochs: 2, steps: 6 });
    expect(report.onTrainEnd).toEqual(["stopped"]);
    expect(report.closed).toEqual(["stopped"]);
    expect(report.extra["heard"]).toBe(heard);
    const warnings = report.events.filter(
      ({ message }) => message === `A listener of the event ${event} threw: the listener broke`,
    );
    expect(warnings).toHaveLength(heard);
  },
);
