/**
 * Where in the loop a checkpoint was taken, and so where a resumed run enters it: between two batches; before an epoch's validation, which an
 * interruption cut short; after an epoch's checkpoint, before its `onEpochEnd`; or before an epoch.
 */
export type LoopPhase = "batch" | "validation" | "epochEnd" | "epochStart";
