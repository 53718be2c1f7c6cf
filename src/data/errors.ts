import { TrainscopeError } from "../support/errors.js";

/** `ERR_LOADER_DATA` at `path`: the loaders, their data and the config do not fit each other. */
export function loaderDataError(message: string, path: string): TrainscopeError {
  return new TrainscopeError("ERR_LOADER_DATA", message, { path });
}
