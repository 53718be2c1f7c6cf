import { expect, test } from "vitest";
import { diskRemedy } from "./disk-remedy.js";

test.each([
  ["ENOSPC", "The disk is full. Free space on it, or set runsDir to another disk."],
  ["EDQUOT", /quota/],
  ["EACCES", /may not write there. Change the permissions/],
  ["EPERM", /does not permit/],
  ["EROFS", /read-only/],
  ["ENOTDIR", /A part of the path is a file/],
  ["ENAMETOOLONG", /too long for the file system. Shorten it/],
  ["ENOENT", /was deleted or moved, or its disk is not mounted/],
  ["EMFILE", /ulimit -n/],
  ["ELOOP", /lead in a circle/],
  ["ESTALE", /network disk/],
  ["EIO", /failed/],
  ["EWHATEVER", "Set runsDir to a directory that can be written."],
  ["constructor", "Set runsDir to a directory that can be written."],
])("%s", (code, says) => {
  const remedy = diskRemedy(Object.assign(new RangeError("x"), { code }), "runsDir");
  if (typeof says === "string") expect(remedy).toBe(says);
  else expect(remedy).toMatch(says);
  expect(remedy).not.toContain("<place>");
});

test.each([null, undefined, "text", {}, { code: 5 }])("%j has the general one", (thrown) => {
  expect(diskRemedy(thrown, "dir")).toBe("Set dir to a directory that can be written.");
});
