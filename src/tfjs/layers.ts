import type { TfjsLayer, TfjsLayersModel } from "./types.js";

/** Fields under which layers hold others: models, wrappers, recurrent layers, stacked cells. */
interface Holder {
  layers?: TfjsLayer[];
  layer?: TfjsLayer;
  forwardLayer?: TfjsLayer;
  backwardLayer?: TfjsLayer;
  cell?: TfjsLayer;
  cells?: TfjsLayer[];
}

/** The layers that a layer holds: those of a nested model, a wrapper, a recurrent layer. */
export function directlyHeld(layer: TfjsLayer): TfjsLayer[] {
  const { layers = [], layer: wrapped, forwardLayer, backwardLayer, cell, cells = [] } = layer as Holder;
  return [...layers, ...cells, ...[wrapped, forwardLayer, backwardLayer, cell].filter((inner) => inner !== undefined)];
}

/** Every layer of a model, those inside nested models, wrappers and recurrent layers included, each once. */
export function allLayers(model: TfjsLayer): TfjsLayer[] {
  const found = new Set<TfjsLayer>();
  const visit = (layer: TfjsLayer): void => {
    if (found.has(layer)) return;
    found.add(layer);
    for (const inner of directlyHeld(layer)) visit(inner);
  };
  for (const layer of directlyHeld(model)) visit(layer);
  return [...found];
}

/** True for a model used as a layer. */
export function isNestedModel(layer: TfjsLayer): layer is TfjsLayersModel {
  return Array.isArray((layer as Holder).layers);
}

/** The layers that feed a layer. */
export function inboundLayers(layer: TfjsLayer): TfjsLayer[] {
  return [...new Set(layer.inboundNodes.flatMap((node) => node.inboundLayers))];
}
