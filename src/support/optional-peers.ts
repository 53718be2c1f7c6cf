/** A package that a part of this library uses where the program has it. */
export interface OptionalPeer {
  /** The versions it works with, as in `peerDependencies`. */
  readonly range: string;
  /** `injected`: the user passes the module in, it is never imported here. `imported`: by `importOptional`. */
  readonly by: "injected" | "imported";
}

/** The package name of an optional peer. */
export type OptionalPeerName = "@tensorflow/tfjs";

/** Every optional peer by its package name. `package.json` and the sources are held against it by a test. */
export const OPTIONAL_PEERS: Readonly<Record<OptionalPeerName, OptionalPeer>> = {
  "@tensorflow/tfjs": { range: ">=4.0.0", by: "injected" },
};
