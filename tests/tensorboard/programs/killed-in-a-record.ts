/** Logs steps 1 to 100 to a directory, then kills itself when half of the record of step 101 is on the disk. */
import { nodeFs } from "../../../src/loggers/tensorboard/files/event-fs.js";
import { SummaryWriter } from "../../../src/loggers/tensorboard/index.js";

let dies = false;
const writer = new SummaryWriter(process.argv[2] as string, {
  fs: {
    ...nodeFs,
    writeSync(fd, buffer, offset, length) {
      const written = nodeFs.writeSync(fd, buffer, offset, dies ? length >> 1 : length);
      if (dies) process.kill(process.pid, "SIGKILL");
      return written;
    },
  },
});
for (let step = 1; step <= 100; step++) writer.addScalar("loss", step, step);
writer.addScalar("val", 1, 90);
void writer.flush();
dies = true;
writer.addScalar("loss", 101, 101);
void writer.flush();
