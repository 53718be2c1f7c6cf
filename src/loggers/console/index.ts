/** The run on a terminal or in a pipe. */
export { ConsoleBackend } from "./backend.js";
export type { ConsoleBackendOptions } from "./options.js";
export type { LineStream } from "../../support/text-output.js";
