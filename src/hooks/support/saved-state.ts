import type { StateValue } from "../../contract/index.js";
import { TrainscopeError } from "../../support/errors.js";

type Fields = { readonly [key: string]: StateValue };

/** A saved state as an object that has all of `keys`. Throws `ERR_STATE` naming `owner` when it is not one. */
export function savedFields(state: StateValue, keys: readonly string[], owner: string): Fields {
  const fields: Fields | null =
    typeof state === "object" && state !== null && !Array.isArray(state) && !ArrayBuffer.isView(state) ? (state as Fields) : null;
  const missing = keys.filter((key) => fields === null || !Object.hasOwn(fields, key));
  if (fields === null || missing.length > 0) {
    throw new TrainscopeError(
      "ERR_STATE",
      `The saved state of ${owner} lacks ${missing.join(", ")}: it is not one that this hook saved.`,
    );
  }
  return fields;
}
