/** What the programs in this folder print, one JSON line each. */
import type { DeliveryReport, FitResult } from "trainscope";

/** Anything thrown, as the code that caught it sees it. */
export interface Thrown {
  isTrainscopeError: boolean;
  code: string | null;
  path: string | null;
  message: string;
  /** Null where there is no cause. */
  cause: { isError: boolean; text: string } | null;
  /** True when `cause` is the very value that was thrown. */
  causeIsOriginal: boolean;
  result: FitResult | null;
}

export interface CaseReport {
  say: "case";
  name: string;
  /** What `fit` resolved with, or null. */
  result: FitResult | null;
  /** What `fit` rejected with, or null. */
  error: Thrown | null;
  /** The last 200 hook methods that were called on a well-behaved hook behind the faulty one. */
  hookCalls: string[];
  /** The status that each `onTrainEnd` was called with. */
  onTrainEnd: string[];
  /** The statuses that the well-behaved backend was closed with. */
  closed: string[];
  /** How often the loader's iterator was begun, and left by its end or by `return()`. */
  loader: { begun: number; left: number };
  /** `summary.json`, or null when there is none. */
  summary: Record<string, unknown> | null;
  /** Warnings and errors that reached the well-behaved backend. */
  events: { name: string; message: string }[];
  /** Listeners on SIGINT and SIGTERM: before, during, after. */
  listeners: { before: number; during: number; after: number };
  /** Train steps begun after `fit` had settled. */
  lateSteps: number;
  /** Hook methods called after `fit` had settled. */
  lateHookCalls: string[];
  delivery: DeliveryReport[];
  /** What one program reports beside. */
  extra: Record<string, unknown>;
}

export interface ExitReport {
  say: "exit";
  code: number;
  unhandledRejections: string[];
  uncaughtExceptions: string[];
  listeners: number;
}
