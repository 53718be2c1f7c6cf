import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../lib/prepare.mjs";
import { attempt, onPath, startable } from "./commands.mjs";

/** A font too: without one, pages have boxes for letters. */
const DEBIAN_BROWSER = "chromium fonts-dejavu-core";
/** The lock is given up when the shell ends; dpkg's own, which other programs hold, is waited for. */
const INSTALL = [
  "command -v chromium >/dev/null && exit 0",
  "apt-get -q update >&2 &&",
  `exec apt-get -q install -y --no-install-recommends -o DPkg::Lock::Timeout=240 ${DEBIAN_BROWSER}`,
].join("\n");

/** The machine's Chromium: the one that `CHROMIUM` names, else one on the path; null where none starts. */
export function findChromium() {
  const named = process.env.CHROMIUM;
  return startable(named === undefined ? ["chromium", "chromium-browser", "google-chrome"] : [named]);
}

/** Installs Debian's for root; null, or why there is none. Of several processes that install it at once one does, and the others wait. */
export function makeChromium() {
  if (process.env.CHROMIUM !== undefined) return `CHROMIUM is ${process.env.CHROMIUM}, which does not start`;
  if (onPath("apt-get") === null || process.getuid?.() !== 0)
    return "only root on a Debian installs it here: install Chromium yourself, or name one by CHROMIUM=…";
  mkdirSync(join(ROOT, ".peers"), { recursive: true });
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const failed = attempt("flock", [join(ROOT, ".peers/chromium.lock"), "sh", "-c", INSTALL], { env });
  if (failed !== null) return `apt-get could not install it (${failed})`;
  return findChromium() === null ? "Debian's chromium does not start" : null;
}
