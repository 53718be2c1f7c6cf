/** Several loaders as one stream of batches. The subpath `trainscope/data`. */
import "../support/needs-node.js"; // first
export { arrayLoader } from "./array-loader.js";
export { MultiDataLoader } from "./multi-data-loader.js";
export type { ArrayLoaderOptions, MultiDataLoaderOptions } from "./options.js";
export { checkName } from "../support/metric-names.js";
export { passOrder, permutation, Random, stepSeed } from "../support/random.js";
