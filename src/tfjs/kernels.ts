import { TrainscopeError } from "../support/errors.js";
import { inboundLayers, isNestedModel, directlyHeld } from "./layers.js";
import type { TfjsOps } from "./ops.js";
import type { TfjsLayer } from "./types.js";

interface GradientKernels {
  /** For the layer's own weights. */
  readonly weights: readonly string[];
  /** For what comes before the layer, where something there is trained. */
  readonly input: readonly string[];
}

const CONVOLUTION = ["Conv2DBackpropFilter", "Conv2DBackpropInput"];
const none: readonly string[] = [];

/**
 * The kernels that the gradient of a layer runs, by class name, so that a backend that lacks one is refused before the first step.
 * Layers that are not listed need only kernels that every backend has. A `Conv2D` layer is a fused operation, whose gradient always
 * computes both.
 */
export const GRADIENT_KERNELS: Readonly<Record<string, GradientKernels>> = {
  Conv1D: { weights: ["Conv2DBackpropFilter"], input: ["Conv2DBackpropInput"] },
  Conv2D: { weights: CONVOLUTION, input: CONVOLUTION },
  Conv2DTranspose: { weights: ["Conv2DBackpropFilter"], input: ["Conv2D"] },
  Conv3D: { weights: ["Conv3DBackpropFilterV2"], input: ["Conv3DBackpropInputV2"] },
  SeparableConv2D: {
    weights: [...CONVOLUTION, "DepthwiseConv2dNativeBackpropFilter"],
    input: ["DepthwiseConv2dNativeBackpropInput", "Conv2DBackpropInput"],
  },
  DepthwiseConv2D: { weights: ["DepthwiseConv2dNativeBackpropFilter"], input: ["DepthwiseConv2dNativeBackpropInput"] },
  ConvLSTM2D: { weights: CONVOLUTION, input: CONVOLUTION },
  Embedding: { weights: ["UnsortedSegmentSum"], input: none },
  MaxPooling1D: { weights: none, input: ["MaxPoolGrad"] },
  MaxPooling2D: { weights: none, input: ["MaxPoolGrad"] },
  MaxPooling3D: { weights: none, input: ["MaxPool3DGrad"] },
  AveragePooling1D: { weights: none, input: ["AvgPoolGrad"] },
  AveragePooling2D: { weights: none, input: ["AvgPoolGrad"] },
  AveragePooling3D: { weights: none, input: ["AvgPool3DGrad"] },
};

/** A layer and the gradient kernels that its backend lacks. */
export interface MissingKernels {
  /** The layer whose gradient needs them. */
  layer: TfjsLayer;
  /** The names of the kernels. */
  kernels: string[];
}

/** Every layer of `layers` whose gradient would fail on the current backend. */
export function missingKernels(ops: TfjsOps, layers: readonly TfjsLayer[], trainedBefore = false): MissingKernels[] {
  const backend = ops.getBackend();
  return layers.flatMap((layer) => {
    const before = trainedBefore || trainsUpstream(layer, new Set([layer]));
    const inner = missingKernels(ops, directlyHeld(layer), before);
    if (isNestedModel(layer)) return inner;
    const needs = GRADIENT_KERNELS[layer.getClassName()];
    if (needs === undefined) return inner;
    const wanted = [...(layer.trainableWeights.length > 0 ? needs.weights : none), ...(before ? needs.input : none)];
    const kernels = [...new Set(wanted)].filter((kernel) => ops.getKernel(kernel, backend) === undefined);
    return kernels.length === 0 ? inner : [{ layer, kernels }, ...inner];
  });
}

function trainsUpstream(layer: TfjsLayer, seen: Set<TfjsLayer>): boolean {
  return inboundLayers(layer).some((before) => {
    if (seen.has(before)) return false;
    seen.add(before);
    return before.trainableWeights.length > 0 || trainsUpstream(before, seen);
  });
}

const WAYS_OUT = [
  'Ways out: `await tf.setBackend("cpu")` has every gradient and is slow; `@tensorflow/tfjs-node` and its GPU build (backend "tensorflow") have',
  "every gradient; so have the WebGL and WebGPU backends where there are drivers; or use layers that this backend can train (dense,",
  "normalization, recurrent, pooling), or `tf.registerKernel` for the missing ones.",
].join("\n");

/** Throws `ERR_MODEL` where kernels are missing, with the layers, the kernels and the ways out. */
export function refuseMissingKernels(backend: string, missing: readonly MissingKernels[]): void {
  if (missing.length === 0) return;
  const lines = missing.map(
    ({ layer, kernels }) =>
      `The layer "${layer.name}" (${layer.getClassName()}) needs ${kernels.join(", ")}, which the backend "${backend}" lacks.`,
  );
  throw new TrainscopeError("ERR_MODEL", `${lines.join("\n")}\nIt can predict there, but not be trained.\n${WAYS_OUT}`, {
    path: `model layer ${missing[0]?.layer.name}`,
  });
}

const NOT_REGISTERED = /Kernel '(\w+)' not registered for backend '(\w+)'/;

/** `ERR_MODEL` with the ways out, where a step failed by a missing kernel that `GRADIENT_KERNELS` could not list; else `thrown` itself. */
export function explainStepError(thrown: unknown): unknown {
  const [, kernel, backend] = (thrown instanceof Error ? NOT_REGISTERED.exec(thrown.message) : null) ?? [];
  if (kernel === undefined) return thrown;
  return new TrainscopeError(
    "ERR_MODEL",
    `The step needs the kernel ${kernel}, which the backend "${backend}" lacks.\n${WAYS_OUT}`,
    { path: "model.trainStep", cause: thrown },
  );
}
