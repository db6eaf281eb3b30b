/**
 * The dropout masks that a recurrent cell keeps between its time steps. tfjs takes them away when the layer is called the
 * next time; those of a trace mean nothing then.
 */
import type { ModelLayer } from "./tfjs-types.js";

type Masks = Pick<ModelLayer, "dropoutMask" | "recurrentDropoutMask">;

/** Takes the masks of a layer's cells away for the length of a trace. @returns what puts them back */
export function takeMasks(layer: ModelLayer): () => void {
  const cells = cellsIn(layer);
  const kept = cells.map(({ dropoutMask, recurrentDropoutMask }) => ({
    dropoutMask,
    recurrentDropoutMask,
  }));
  const put = (cell: Masks, masks: Masks) => {
    if ("dropoutMask" in cell) cell.dropoutMask = masks.dropoutMask;
    if ("recurrentDropoutMask" in cell) cell.recurrentDropoutMask = masks.recurrentDropoutMask;
  };
  for (const cell of cells) put(cell, { dropoutMask: null, recurrentDropoutMask: null });
  return () => {
    for (const [at, cell] of cells.entries()) put(cell, kept[at] as Masks);
  };
}

function cellsIn(layer: ModelLayer): readonly ModelLayer[] {
  const { cell, cells = [], forwardLayer, backwardLayer, layer: wrapped } = layer;
  const inner = [cell, ...cells, forwardLayer, backwardLayer, wrapped];
  return [layer, ...inner.flatMap((one) => (one ? cellsIn(one) : []))];
}
