import { createHash } from "node:crypto";
import type { Compression, Metrics, RunIdentity } from "../../contract/index.js";
import { exactJsonNumber } from "../../support/json-number.js";
import { identityOf } from "../../support/run-identity.js";
import { manifestProblem } from "./manifest-shape.js";

export const MANIFEST = "manifest.json";
const FORMAT = "trainscope.checkpoint";
const VERSION = 1;

export interface FileFacts {
  bytes: number;
  sha256: string;
}

/**
 * What a checkpoint is, and what its files must be; written last. It carries the SHA-256 of itself, so that a flipped bit in a
 * score is found like one in the weights.
 */
export interface Manifest {
  name: string;
  /** Counts the commits of a directory: the order of its checkpoints, which does not depend on the clock. */
  sequence: number;
  epoch: number;
  step: number;
  metrics: Metrics;
  /** The monitored value; null when the checkpoint is unranked. */
  score: number | null;
  /** ISO 8601. */
  savedAt: string;
  compress: Compression;
  /** The run that it belongs to; null for one of no run. Versions before wrote none: see `ownerInState`. */
  run: RunIdentity | null;
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
    score: score === null ? null : exactJsonNumber(score),
    metrics: Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, exactJsonNumber(value)])),
    files,
  };
  const sha256 = hashOf(body);
  return { text: `${JSON.stringify({ ...body, sha256 }, null, 2)}\n`, manifest: { ...head, files, sha256 } };
}

/** A good manifest, a damaged one of this package, or a file of another program. */
type ParsedManifest =
  | { kind: "manifest"; manifest: Manifest; /** False for one of an earlier version. */ namesRun: boolean }
  | { kind: "damaged"; problem: string }
  | { kind: "foreign" };

export function parseManifest(text: string): ParsedManifest {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return text.includes(`"${FORMAT}"`) ? damaged("it is not JSON") : { kind: "foreign" };
  }
  if (typeof parsed !== "object" || parsed === null) return { kind: "foreign" };
  const { sha256, ...body } = parsed as Record<string, unknown>;
  if (body["format"] !== FORMAT) return { kind: "foreign" };
  const { version } = body;
  if (typeof version === "number" && version > VERSION) {
    return damaged(
      `it is of version ${version}, written by a newer trainscope; this one reads up to version ${VERSION}. Update trainscope to read it`,
    );
  }
  if (version !== VERSION || typeof sha256 !== "string" || sha256 !== hashOf(body)) {
    return damaged("its contents do not match the SHA-256 in it");
  }
  const problem = manifestProblem(body);
  if (problem !== null) return damaged(problem);
  return { kind: "manifest", manifest: decodeBody(body, sha256), namesRun: "run" in body };
}

/** The body has the shape of what `encodeManifest` writes. */
function decodeBody(body: Record<string, unknown>, sha256: string): Manifest {
  const { format: _format, version: _version, metrics, score, run, ...rest } = body;
  const decoded = Object.entries(metrics as Record<string, number | string>).map(([name, value]) => [name, Number(value)]);
  return {
    ...(rest as Omit<Manifest, "metrics" | "score" | "run" | "sha256">),
    run: identityOf(run),
    metrics: Object.fromEntries(decoded) as Metrics,
    score: score === null ? null : Number(score),
    sha256,
  };
}

function hashOf(body: object): string {
  return createHash("sha256").update(JSON.stringify(body)).digest("hex");
}

function damaged(problem: string): ParsedManifest {
  return { kind: "damaged", problem };
}
