/**
 * Where every tensor lives.
 *
 * Persistent tensors get blocks by role, the same ones in every entry. Scratch shares blocks by
 * liveness: a result never shares a block with an operand of the call that makes it, so that a GPU
 * may bind operands read-only.
 */
import { findOp } from "../graph/ops/index.js";
import type { Graph, Tensor } from "../graph/types.js";
import { bytesPerElement, operandBytes, type Precision } from "./element-size.js";
import { blockTooLarge } from "./out-of-memory.js";
import type { Block, Operand } from "./program.js";
import { ScratchPool } from "./scratch-pool.js";

export interface Layout {
  readonly blocks: readonly Block[];
  /** The operand of every tensor that has memory, by id; aliases included. */
  readonly operands: ReadonlyMap<number, Operand>;
}

interface Place {
  readonly block: string;
  readonly byteOffset: number;
  readonly bytes: number;
}

/** What a layout depends on. */
export interface LayoutTarget {
  /** A power of two. */
  readonly alignmentBytes: number;
  readonly precision: Precision;
  readonly restBytes?: number;
}

/** @param prefix keeps this entry's scratch apart from that of others */
export function layOut(graph: Graph, prefix: string, target: LayoutTarget): Layout {
  const roots = aliasRoots(graph);
  const places = new Map<number, Place>();
  const blocks = new Map<string, Block>();
  placePersistent(graph, prefix, target, places, blocks);
  placeScratch(graph, prefix, target, roots, places, blocks);

  const operands = new Map<number, Operand>();
  for (const { id, shape, dtype, span } of graph.tensors) {
    const place = places.get(roots.get(id) ?? id);
    if (!place) continue;
    const { block, byteOffset, bytes } = place;
    const flat = span && [bytes / bytesPerElement(dtype, target.precision)];
    operands.set(id, { block, byteOffset, shape: flat ?? shape, dtype });
  }
  return { blocks: [...blocks.values()], operands };
}

const alignedTo = (alignment: number, bytes: number) => Math.ceil(bytes / alignment) * alignment;

/** The block a persistent tensor belongs to; several small ones share a block. */
function blockName(tensor: Tensor, prefix: string): string {
  const { role, name, block } = tensor;
  if (block !== undefined) return block;
  if (role === "constant") return `${prefix}/constants`;
  if (role === "parameter") return tensor.trainable ? "parameters" : "frozen";
  if (role === "gradient") return "gradients";
  return name as string;
}

function placePersistent(
  graph: Graph,
  prefix: string,
  { alignmentBytes, precision }: LayoutTarget,
  places: Map<number, Place>,
  blocks: Map<string, Block>,
): void {
  const sizes = new Map<string, number>();
  const used = new Set(graph.nodes.flatMap(({ inputs, outputs }) => [...inputs, ...outputs]));
  const inOrder = [...graph.tensors.filter(({ span }) => !span)];
  // Gradients and slots take the order of their span, which is the order of the parameters.
  const order = new Map<number, number>();
  for (const { span = [] } of graph.tensors) {
    for (const [index, id] of span.entries()) order.set(id, index);
  }
  inOrder.sort((a, b) => (order.get(a.id) ?? a.id) - (order.get(b.id) ?? b.id));
  for (const tensor of inOrder) {
    if (tensor.role === "scratch" || (tensor.role === "constant" && !used.has(tensor.id))) continue;
    const block = blockName(tensor, prefix);
    if (tensor.resident) {
      places.set(tensor.id, { block, byteOffset: 0, bytes: 0 });
      blocks.set(block, { name: block, kind: "resident", bytes: 0 });
      continue;
    }
    const alignment = Math.max(alignmentBytes, bytesPerElement(tensor.dtype, precision));
    const byteOffset = alignedTo(alignment, sizes.get(block) ?? 0);
    const bytes = operandBytes(tensor, precision);
    places.set(tensor.id, { block, byteOffset, bytes });
    sizes.set(block, alignedTo(alignment, byteOffset + bytes));
  }
  for (const [name, bytes] of sizes) blocks.set(name, { name, kind: "memory", bytes });
  for (const tensor of graph.tensors) {
    const first = tensor.span?.[0];
    const place = first === undefined ? undefined : places.get(first);
    if (!place) continue;
    const bytes = sizes.get(place.block) as number;
    places.set(tensor.id, { block: place.block, byteOffset: 0, bytes });
  }
}

/** For each tensor that is another's memory under another shape, the tensor that owns the memory. */
function aliasRoots(graph: Graph): Map<number, number> {
  const roots = new Map<number, number>();
  for (const { op, inputs, outputs } of graph.nodes) {
    if (!findOp(op).alias) continue;
    const [input, output] = [inputs[0] as number, outputs[0] as number];
    roots.set(output, roots.get(input) ?? input);
  }
  return roots;
}

function placeScratch(
  graph: Graph,
  prefix: string,
  { precision, restBytes }: LayoutTarget,
  roots: ReadonlyMap<number, number>,
  places: Map<number, Place>,
  blocks: Map<string, Block>,
): void {
  const rootOf = (id: number) => roots.get(id) ?? id;
  const lastUse = new Map<number, number>();
  graph.nodes.forEach(({ inputs, outputs }, index) => {
    for (const id of [...inputs, ...outputs]) lastUse.set(rootOf(id), index);
  });
  const pool = new ScratchPool(restBytes);
  graph.nodes.forEach(({ op, inputs, outputs }, index) => {
    if (findOp(op).alias) return;
    for (const id of outputs) {
      const tensor = graph.tensors[id];
      if (tensor?.role !== "scratch" || places.has(id)) continue;
      const bytes = operandBytes(tensor, precision);
      const block = `${prefix}/scratch${pool.take(id, bytes)}`;
      places.set(id, { block, byteOffset: 0, bytes });
    }
    for (const id of new Set([...inputs, ...outputs].map(rootOf))) {
      if (lastUse.get(id) === index) pool.release(id);
    }
  });
  pool.lengths.forEach((bytes, index) => {
    const name = `${prefix}/scratch${index}`;
    blocks.set(name, { name, kind: "memory", bytes });
  });
}

/** @throws OutOfMemory when a block is larger than the device can hold in one piece */
export function checkBlocks(blocks: readonly Block[], maxBlockBytes: number, entry: string): void {
  for (const { name, bytes } of blocks) {
    if (bytes > maxBlockBytes) throw blockTooLarge(entry, name, bytes, maxBlockBytes);
  }
}
