/**
 * A Tile that only repeats along axes of extent 1 is what broadcasting does by itself: elementwise
 * readers take the untiled tensor. Gradients of sums are full of them.
 */
import { broadcastShape } from "../graph/geometry.js";
import { BROADCASTING } from "../graph/ops/elementwise.js";
import type { Node } from "../graph/types.js";
import type { Rewriter } from "./rewriter.js";

export function dropTiles(graph: Rewriter): void {
  for (const node of graph.nodes) if (node.op === "Tile") dropTile(graph, node);
}

function dropTile(graph: Rewriter, tile: Node): void {
  const [x, y] = [tile.inputs[0] as number, tile.outputs[0] as number];
  const [from, to] = [graph.tensor(x).shape, graph.tensor(y).shape];
  const isBroadcast = from.every((extent, axis) => extent === 1 || extent === to[axis]);
  const readers = [...new Set(graph.readers(y))];
  if (!isBroadcast || !graph.isPrivate(y, readers)) return;
  if (!readers.every((reader) => graph.isStable([x], tile, reader))) return;
  if (!readers.every((reader) => readsUntiled(graph, reader, x, y))) return;
  const fresh = new Map(
    readers.map((reader) => [
      reader,
      { ...reader, inputs: reader.inputs.map((id) => (id === y ? x : id)) },
    ]),
  );
  graph.replace([tile], fresh);
}

/** Whether the reader's result keeps its shape when it reads x for y. */
function readsUntiled(graph: Rewriter, reader: Node, x: number, y: number): boolean {
  if (reader.op !== "Select" && !BROADCASTING.includes(reader.op)) return false;
  const shapes = reader.inputs.map((id) => graph.tensor(id === y ? x : id).shape);
  const shape = shapes.reduce((all, next) => broadcastShape(all, next, "plan"));
  return `${shape}` === `${graph.tensor(reader.outputs[0] as number).shape}`;
}
