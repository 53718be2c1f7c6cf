/**
 * `npm run setup:peers [-- NAME…]`: makes what tests need beside npm's packages (scripts/peers/table.mjs); what is there is left alone.
 * - Without names: all but the large ones that are made by name only. `--list` says what is there, and makes nothing.
 * - Everything goes into .peers/, except Debian's Chromium, which root gets from apt-get where none is on the path.
 * - Ends with 1 where one that was to be made could not be.
 */
import { parseArgs } from "node:util";
import "./lib/node-floor.mjs";
import { PEERS } from "./peers/table.mjs";

const { values, positionals } = parseArgs({ options: { list: { type: "boolean" } }, allowPositionals: true });
const unknown = positionals.filter((name) => !PEERS.some((peer) => peer.name === name));
if (unknown.length > 0) {
  process.stderr.write(`No peer is named ${unknown.join(", ")}. There are: ${PEERS.map(({ name }) => name).join(", ")}.\n`);
  process.exit(1);
}
const wanted = PEERS.filter(({ name, byName }) =>
  positionals.length > 0 ? positionals.includes(name) : values.list || byName !== true,
);
for (const peer of wanted) say(peer.name, values.list ? status(peer) : await made(peer));

function status({ find, purpose, wayOut, byName }) {
  const found = find();
  if (found !== null) return `${purpose}\n            ${found}`;
  return `${purpose}\n            missing: ${wayOut ?? (byName ? "made only by its name" : "not made yet")}`;
}

async function made({ name, find, make, wayOut, required }) {
  const before = find();
  if (before !== null) return before;
  if (make === undefined) {
    if (positionals.includes(name)) process.exitCode = 1;
    return `missing, and not made here: ${wayOut}`;
  }
  say(name, "making …");
  const failed = await make();
  if (failed === null) return find();
  if (required || positionals.includes(name)) process.exitCode = 1;
  return `FAILED: ${failed}`;
}

function say(name, text) {
  process.stdout.write(`${name.padEnd(12)}${text}\n`);
}
