/**
 * The manifest, written last: what a checkpoint is, and what its files must be. It carries the SHA-256 of itself, so that
 * a flipped bit in a score is found like one in the weights.
 */
import { createHash } from "node:crypto";
import type { Compression, Metrics } from "../../contract/index.js";
import { encodeNumber } from "./state-codec.js";

export const MANIFEST = "manifest.json";
export const FORMAT = "trainscope.checkpoint";
export const VERSION = 1;

export interface FileFacts {
  bytes: number;
  sha256: string;
}

export interface Manifest {
  name: string;
  /** Counts the commits of a directory: the order of its checkpoints, whatever the clock said. */
  sequence: number;
  epoch: number;
  step: number;
  metrics: Metrics;
  /** What was monitored; null when the checkpoint is unranked. */
  score: number | null;
  /** ISO 8601. */
  savedAt: string;
  compress: Compression;
  files: Readonly<Record<string, FileFacts>>;
  /** The SHA-256 of the rest: the identity of the checkpoint. */
  sha256: string;
}

/** What is known before the files are written. */
export type ManifestHead = Omit<Manifest, "files" | "sha256">;

export function encodeManifest(head: ManifestHead, files: Manifest["files"]): { text: string; manifest: Manifest } {
  const { metrics, score, ...rest } = head;
  const body = {
    format: FORMAT,
    version: VERSION,
    ...rest,
    score: score === null ? null : encodeNumber(score),
    metrics: Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, encodeNumber(value)])),
    files,
  };
  const sha256 = hashOf(body);
  return { text: `${JSON.stringify({ ...body, sha256 }, null, 2)}\n`, manifest: { ...head, files, sha256 } };
}

/** What a manifest's text says: a manifest, a fault of ours, or nothing of ours. */
export type ParsedManifest = { kind: "manifest"; manifest: Manifest } | { kind: "fault"; problem: string } | { kind: "foreign" };

export function parseManifest(text: string): ParsedManifest {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return text.includes(`"${FORMAT}"`) ? fault("it is not JSON") : { kind: "foreign" };
  }
  if (typeof parsed !== "object" || parsed === null) return { kind: "foreign" };
  const { sha256, ...body } = parsed as Record<string, unknown>;
  if (body["format"] !== FORMAT) return { kind: "foreign" };
  const { version } = body;
  if (typeof version === "number" && version > VERSION) {
    return fault(`it is of version ${version}, and this trainscope reads up to ${VERSION}: read it with a newer one`);
  }
  if (version !== VERSION || typeof sha256 !== "string" || sha256 !== hashOf(body)) {
    return fault("its SHA-256 is not the one that it states");
  }
  return { kind: "manifest", manifest: decodeBody(body, sha256) };
}

/** The body is known to be what `encodeManifest` wrote: its hash fits. */
function decodeBody(body: Record<string, unknown>, sha256: string): Manifest {
  const { format: _format, version: _version, metrics, score, ...rest } = body;
  const decoded = Object.entries(metrics as Record<string, number | string>).map(([name, value]) => [name, Number(value)]);
  return {
    ...(rest as Omit<Manifest, "metrics" | "score" | "sha256">),
    metrics: Object.fromEntries(decoded) as Metrics,
    score: score === null ? null : Number(score),
    sha256,
  };
}

function hashOf(body: object): string {
  return createHash("sha256").update(JSON.stringify(body)).digest("hex");
}

function fault(problem: string): ParsedManifest {
  return { kind: "fault", problem };
}
