// The native builds of TensorFlow.js, which are not installed here: the same API.
declare module "@tensorflow/tfjs-node" {
  export * from "@tensorflow/tfjs";
}
declare module "@tensorflow/tfjs-node-gpu" {
  export * from "@tensorflow/tfjs";
}
