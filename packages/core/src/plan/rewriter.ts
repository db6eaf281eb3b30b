/**
 * What rewriting a graph needs: who makes a tensor, who reads it, and nodes put in place of others.
 * All of it is kept up to date node by node, so that a replacement costs what it replaces and not the
 * whole graph.
 */
import { findOp } from "../graph/ops/index.js";
import type { Graph, Node, Tensor } from "../graph/types.js";

export class Rewriter {
  readonly #tensors: Tensor[];
  /** What stands where a node of the first graph stood: itself, nothing, or those put in its place. */
  readonly #slots: Node[][];
  /** Where the graph's nodes stand, in `#slots`. */
  readonly #places = new Map<Node, number>();
  readonly #readers = new Map<number, Set<Node>>();
  readonly #writers = new Map<number, Set<Node>>();
  /** The nodes whose result is a tensor's memory under another shape. */
  readonly #aliases = new Map<number, Set<Node>>();
  #flat: readonly Node[] | undefined;

  constructor(graph: Graph) {
    this.#tensors = [...graph.tensors];
    this.#slots = graph.nodes.map((node) => [node]);
    for (const [place, node] of graph.nodes.entries()) this.#add(node, place);
  }

  /** In execution order, as they are now: a list in hand stays what it was. */
  get nodes(): readonly Node[] {
    this.#flat ??= this.#slots.flat();
    return this.#flat;
  }

  tensor(id: number): Tensor {
    return this.#tensors[id] as Tensor;
  }

  /** A new tensor of this step. */
  scratch({ shape, dtype }: Pick<Tensor, "shape" | "dtype">): number {
    const id = this.#tensors.length;
    this.#tensors.push({ id, shape, dtype, role: "scratch" });
    return id;
  }

  /** Whether the node is still in the graph. */
  has(node: Node): boolean {
    return this.#places.has(node);
  }

  /** Whether both are in the graph, and `a` comes first. */
  isBefore(a: Node, b: Node): boolean {
    const [left, right] = [this.#places.get(a), this.#places.get(b)];
    if (left === undefined || right === undefined) return false;
    if (left !== right) return left < right;
    const slot = this.#slots[left] as Node[];
    return slot.indexOf(a) < slot.indexOf(b);
  }

  /** The last node that writes it. */
  maker(id: number): Node | undefined {
    let last: Node | undefined;
    for (const node of this.#writers.get(id) ?? []) {
      if (!last || this.isBefore(last, node)) last = node;
    }
    return last;
  }

  /** Whether only one node writes it. */
  writesOnce(id: number): boolean {
    return this.#writers.get(id)?.size === 1;
  }

  /** The nodes that read it, in order, each as often as it does. */
  readers(id: number): readonly Node[] {
    const readers = [...(this.#readers.get(id) ?? [])];
    readers.sort((a, b) => (this.isBefore(a, b) ? -1 : 1));
    return readers.flatMap((node) => node.inputs.filter((input) => input === id).map(() => node));
  }

  /** Whether this holds for all nodes that read it. */
  everyReader(id: number, holds: (reader: Node) => boolean): boolean {
    for (const reader of this.#readers.get(id) ?? []) if (!holds(reader)) return false;
    return true;
  }

  /** Whether nothing but these nodes can see the tensor, which does not outlive the step. */
  isPrivate(id: number, readers: readonly Node[]): boolean {
    if (this.tensor(id).role !== "scratch") return false;
    for (const reader of this.#readers.get(id) ?? []) if (!readers.includes(reader)) return false;
    return true;
  }

  /** The one reader of a tensor that nothing else can see. */
  onlyReader(id: number): Node | undefined {
    const readers = this.#readers.get(id);
    if (readers?.size !== 1 || this.tensor(id).role !== "scratch") return undefined;
    const [reader] = [...readers] as [Node];
    return reader.inputs.indexOf(id) === reader.inputs.lastIndexOf(id) ? reader : undefined;
  }

  /** Whether no node between the two, in execution order, writes the memory of any of these tensors. */
  isStable(ids: readonly number[], from: Node, to: Node): boolean {
    const seen = new Set(ids.map((id) => this.#root(id)));
    // Grows while it is walked, by all that is this memory under another shape.
    for (const id of seen) {
      for (const writer of this.#writers.get(id) ?? []) {
        if (findOp(writer.op).alias) continue;
        if (this.isBefore(from, writer) && this.isBefore(writer, to)) return false;
      }
      for (const alias of this.#aliases.get(id) ?? []) seen.add(alias.outputs[0] as number);
    }
    return true;
  }

  /** Takes out `old`; the new nodes stand where the one they are paired with stood. */
  replace(old: readonly Node[], fresh: ReadonlyMap<Node, Node | readonly Node[]>): void {
    for (const node of new Set([...old, ...fresh.keys()])) {
      const place = this.#places.get(node);
      if (place === undefined) continue;
      const nodes = [fresh.get(node) ?? []].flat();
      const slot = this.#slots[place] as Node[];
      slot.splice(slot.indexOf(node), 1, ...nodes);
      this.#remove(node);
      for (const added of nodes) this.#add(added, place);
    }
    this.#flat = undefined;
  }

  build(): Graph {
    return { tensors: this.#tensors, nodes: this.nodes };
  }

  /** The tensor that owns the memory. */
  #root(id: number): number {
    const maker = this.maker(id);
    return maker && findOp(maker.op).alias ? this.#root(maker.inputs[0] as number) : id;
  }

  #add(node: Node, place: number): void {
    this.#places.set(node, place);
    for (const id of node.inputs) insert(this.#readers, id, node);
    for (const id of node.outputs) insert(this.#writers, id, node);
    if (findOp(node.op).alias) insert(this.#aliases, node.inputs[0] as number, node);
  }

  #remove(node: Node): void {
    this.#places.delete(node);
    for (const id of node.inputs) this.#readers.get(id)?.delete(node);
    for (const id of node.outputs) this.#writers.get(id)?.delete(node);
    if (findOp(node.op).alias) this.#aliases.get(node.inputs[0] as number)?.delete(node);
  }
}

function insert(index: Map<number, Set<Node>>, id: number, node: Node): void {
  const known = index.get(id);
  if (known) known.add(node);
  else index.set(id, new Set([node]));
}
