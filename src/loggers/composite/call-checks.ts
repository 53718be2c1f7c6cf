import { isLoggerBackend } from "../../config/instances.js";
import { flatParams } from "../../config/param-tree.js";
import { withoutSecrets } from "../../config/redact.js";
import type { LoggerBackend, ModelDescription, ParamValue, ScatterAxes } from "../../contract/index.js";
import { messageOf, TrainscopeError } from "../../support/errors.js";
import { suggest } from "../../support/nearest.js";
import { setOwn } from "../../support/own.js";
import { valueText } from "../../support/value-text.js";
import type { PointCheck } from "./points.js";
import { recordProblem, stepProblem } from "./record-problems.js";

/** `backends`, or `ERR_CONFIG` for one that is no backend: a class that is not made, a list in the list. */
export function checkedBackends(backends: unknown): readonly LoggerBackend[] {
  const path = "CompositeLogger.backends";
  const allowed = "an object with a `name` and a `logMetrics` method";
  if (!Array.isArray(backends))
    throw new TrainscopeError("ERR_CONFIG", `Found ${valueText(backends)}. Allowed: a list, each item ${allowed}.`, { path });
  const wrong = backends.findIndex((backend) => !isLoggerBackend(backend));
  if (wrong < 0) return backends as LoggerBackend[];
  const found = valueText(backends[wrong]);
  throw new TrainscopeError("ERR_CONFIG", `Found ${found}. Allowed: ${allowed}.`, { path: `${path}[${wrong}]` });
}

/** The params that are valid, flat; each other one is refused by its name. Null where none is left. */
export function validParams(check: PointCheck, given: unknown): Readonly<Record<string, ParamValue>> | null {
  try {
    const wrong = recordProblem("params", given, "a value");
    if (wrong !== null) {
      check.refuse("params", wrong, undefined);
      return null;
    }
    const { params, problems } = flatParams(given as Readonly<Record<string, unknown>>);
    for (const { path, value, message, isMissing } of problems) {
      const found = value === undefined && !isMissing ? "" : `The value of the param is ${valueText(value)}. `;
      check.refuse(path.join("."), `${found}${message}`, undefined);
    }
    return problems.length > 0 && Object.keys(params).length === 0 ? null : params;
  } catch (error) {
    check.refuse("params", `The params could not be read: ${messageOf(error)}.`, undefined);
    return null;
  }
}

/** Why a value cannot be that of a tag. */
function tagProblem(value: unknown): string | null {
  return typeof value === "string" ? null : `The value of the tag is ${valueText(value)}, not a text: give String(value).`;
}

/** Why an event cannot be logged. */
export function eventProblem(name: unknown, data: unknown, step: unknown): string | null {
  if (typeof name !== "string" || name === "")
    return `The name of the event is ${valueText(name)}; it must be a text that is not empty.`;
  return recordProblem("data of the event", data, "a value") ?? (step === undefined ? null : stepProblem(step));
}

/** The data of an event, without secrets; under `value` where its own `toJSON` gives no object. */
export function eventData(data: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const shown: unknown = withoutSecrets<unknown>(data);
  const isRecord = typeof shown === "object" && shown !== null && !Array.isArray(shown);
  return isRecord ? (shown as Record<string, unknown>) : { value: shown };
}

/** Why `description` cannot be a graph. */
export function graphProblem(description: ModelDescription): string | null {
  const layers: unknown = typeof description === "object" && description !== null ? description.layers : undefined;
  if (Array.isArray(layers) && layers.every((layer) => typeof layer === "object" && layer !== null)) return null;
  return `The description is ${valueText(description)}; it must be an object with a list \`layers\` of { name, op, inputs }.`;
}

const AXES_KEYS: readonly string[] = ["xLabel", "yLabel", "oneToOne"] satisfies (keyof ScatterAxes)[];

/** Why `axes` cannot be those of a scatter. */
export function axesProblem(axes: ScatterAxes | undefined): string | null {
  if (axes === undefined) return null;
  if (typeof axes !== "object" || axes === null) return `The axes are ${valueText(axes)}, not an object.`;
  const unknown = Object.keys(axes).find((key) => !AXES_KEYS.includes(key));
  return unknown === undefined ? null : `The axes have no key "${unknown}".\n${suggest(unknown, AXES_KEYS)}`;
}

/** The tags that are valid: the same object where all are, a copy without the others, or null where none is left. */
export function validTags(check: PointCheck, given: Readonly<Record<string, string>>): Readonly<Record<string, string>> | null {
  try {
    const wrong = recordProblem("tags", given, "a value");
    if (wrong !== null) {
      check.refuse("tags", wrong, undefined);
      return null;
    }
    const entries = Object.entries(given);
    const valid: Record<string, string> = {};
    let count = 0;
    for (const [name, value] of entries) {
      const problem = tagProblem(value);
      if (problem !== null) check.refuse(name, problem, undefined);
      else {
        setOwn(valid, name, value);
        count++;
      }
    }
    if (count === entries.length) return given;
    return count === 0 ? null : valid;
  } catch (error) {
    check.refuse("tags", `The tags could not be read: ${messageOf(error)}.`, undefined);
    return null;
  }
}
