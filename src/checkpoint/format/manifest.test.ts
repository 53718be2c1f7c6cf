import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeManifest, parseManifest, type ManifestHead } from "./manifest.js";

const HEAD: ManifestHead = {
  name: "epoch-1-step-20",
  sequence: 3,
  epoch: 1,
  step: 20,
  metrics: { "val/loss": NaN, "val/up": Infinity, "val/down": -Infinity, "val/zero": -0, "train/loss": 0.1 },
  score: -0,
  savedAt: "2026-01-02T03:04:05.678Z",
  compress: "none",
  run: { runId: "11111111-1111-4111-8111-111111111111", runName: "digits" },
};
const FILES = { "model.safetensors": { bytes: 10, sha256: "ab".repeat(32) } };

test("every number survives", () => {
  const { text, manifest } = encodeManifest(HEAD, FILES);
  const parsed = parseManifest(text);
  expect(parsed).toStrictEqual({ kind: "manifest", manifest, namesRun: true });
  expect(manifest).toStrictEqual({ ...HEAD, files: FILES, sha256: manifest.sha256 });
});

test("it is JSON that other programs can read", () => {
  const { text } = encodeManifest({ ...HEAD, score: null }, FILES);
  expect(JSON.parse(text)).toMatchObject({
    format: "trainscope.checkpoint",
    version: 1,
    score: null,
    metrics: { "val/loss": "NaN", "val/up": "Infinity", "val/zero": "-0", "train/loss": 0.1 },
    files: FILES,
  });
});

test("no flipped bit passes for a manifest that says something else", () => {
  const { text, manifest } = encodeManifest(HEAD, FILES);
  const bytes = Buffer.from(text);
  let found = 0;
  for (let bit = 0; bit < bytes.byteLength * 8; bit++) {
    const flipped = Buffer.from(bytes);
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    const parsed = parseManifest(flipped.toString("utf8"));
    if (parsed.kind === "manifest") expect(parsed.manifest).toStrictEqual(manifest); // white space
    else found++;
  }
  expect(found).toBeGreaterThan(bytes.byteLength * 6);
});

test.each([
  { what: "cut off", text: encodeManifest(HEAD, FILES).text.slice(0, -20), kind: "damaged", says: /not JSON/ },
  {
    what: "from the future",
    text: '{ "format": "trainscope.checkpoint", "version": 2 }',
    kind: "damaged",
    says: /version 2.*newer/,
  },
  { what: "of another program", text: '{ "manifest_version": 3 }', kind: "foreign" },
  { what: "of another program, not JSON", text: "hello", kind: "foreign" },
  { what: "a list", text: "[]", kind: "foreign" },
])("$what", ({ text, kind, says }) => {
  const parsed = parseManifest(text);
  expect(parsed.kind).toBe(kind);
  if (says !== undefined) expect(parsed).toMatchObject({ problem: expect.stringMatching(says) });
});

test("any JSON under a valid hash is a manifest whose fields can be used, or damaged, in our words", () => {
  const good = JSON.parse(encodeManifest(HEAD, FILES).text) as Record<string, unknown>;
  const { sha256: _, ...body } = good;
  const edit = fc.tuple(fc.constantFrom(...Object.keys(body), "more"), fc.jsonValue());
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
      const edited = JSON.parse(JSON.stringify({ ...body, ...Object.fromEntries(edits) })) as object;
      const sha256 = createHash("sha256").update(JSON.stringify(edited)).digest("hex");
      const parsed = parseManifest(JSON.stringify({ ...edited, sha256 }));
      if (parsed.kind === "damaged") expect(parsed.problem).not.toMatch(/undefined|\[object/);
      if (parsed.kind !== "manifest") return;
      const { step, savedAt, metrics, files } = parsed.manifest;
      expect(Number.isSafeInteger(step) && !Number.isNaN(Date.parse(savedAt))).toBe(true);
      expect(Object.values(metrics).every((value) => typeof value === "number")).toBe(true);
      expect(Object.keys(files).every((name) => /^(model|optimizer)\.safetensors(\.gz|\.zst)?$|^run\.json$/.test(name))).toBe(
        true,
      );
    }),
    { numRuns: 500 },
  );
});

test.each(["", "null", "[]", "5", '"trainscope.checkpoint"', "{}", `${"[".repeat(50_000)}`])("%s is none of ours", (text) => {
  expect(parseManifest(text.slice(0, 60_000)).kind).toMatch(/foreign|damaged/);
});
