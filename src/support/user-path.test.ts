import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { homeProblem, userPath } from "./user-path.js";

describe("a user's path", () => {
  test.each(["runs", "./~", "a/~/b", "a~b", ".", "/abs/~"])("%s is resolved against the working directory", (path) => {
    expect(userPath(path)).toBe(resolve(process.cwd(), path));
  });

  test.each([
    { path: "~", way: "in code: os.homedir()." },
    { path: "~/runs", way: 'in code: join(os.homedir(), "runs").' },
    { path: "~/", way: "in code: os.homedir()." },
    { path: "~\\runs", way: 'join(os.homedir(), "runs")' },
    { path: "~ada/runs", way: "Give an absolute path. A directory of this name" },
    { path: "~+/runs", way: "Give an absolute path." },
  ])("$path is refused with the way out", ({ path, way }) => {
    const refused = expect.objectContaining({ code: "ERR_CONFIG", path: "config.runsDir", detail: expect.stringContaining(way) });
    expect(() => userPath(path, "config.runsDir")).toThrow(refused);
  });

  test("the directory that the message offers is one", () => {
    const offered = /"(\.\/[^"]+)"\.$/.exec(homeProblem("~/runs") ?? "")?.[1] ?? "";
    expect(userPath(offered)).toBe(join(process.cwd(), "~", "runs"));
  });
});
