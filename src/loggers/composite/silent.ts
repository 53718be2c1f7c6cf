import type { LoggerProtocol } from "../../contract/index.js";

/** A logger that keeps nothing: the trainer's, until its backends are made. */
export const silentLogger: LoggerProtocol = {
  name: "silent",
  start() {},
  logParams() {},
  logMetrics() {},
  logHistogram() {},
  logImage() {},
  logText() {},
  logScatter() {},
  logGraph() {},
  logArtifact() {},
  logEvent() {},
  setTags() {},
  setNotes() {},
  flush: () => Promise.resolve([]),
  close: () => Promise.resolve([]),
};
