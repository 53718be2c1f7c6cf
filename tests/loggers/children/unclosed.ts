/** Logs a burst and ends without a close. Argument: directory. */
import { TrainingLogger } from "../../../src/loggers/training-log/index.js";

const logger = new TrainingLogger({ dir: process.argv[2] ?? "" });
for (let i = 0; i < 1500; i++) logger.info("line", { count: i });
