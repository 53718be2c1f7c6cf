/**
 * Where in the loop a checkpoint was taken, and so where a resumed run enters it: between two batches; after an epoch's
 * checkpoint, before its `onEpochEnd`; or before an epoch.
 */
export type LoopPhase = "batch" | "epochEnd" | "epochStart";
