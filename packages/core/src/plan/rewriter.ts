/** What rewriting a graph needs: who makes a tensor, who reads it, and nodes put in place of others. */
import { findOp } from "../graph/ops/index.js";
import type { Graph, Node, Tensor } from "../graph/types.js";

export class Rewriter {
  readonly #tensors: Tensor[];
  #nodes: readonly Node[];
  readonly #readers = new Map<number, Node[]>();
  readonly #makers = new Map<number, Node>();

  constructor(graph: Graph) {
    this.#tensors = [...graph.tensors];
    this.#nodes = graph.nodes;
    this.#index();
  }

  /** In execution order. */
  get nodes(): readonly Node[] {
    return this.#nodes;
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

  maker(id: number): Node | undefined {
    return this.#makers.get(id);
  }

  /** The nodes that read it, each as often as it does. */
  readers(id: number): readonly Node[] {
    return this.#readers.get(id) ?? [];
  }

  /** Whether nothing but these nodes can see the tensor, which does not outlive the step. */
  isPrivate(id: number, readers: readonly Node[]): boolean {
    return (
      this.tensor(id).role === "scratch" &&
      this.readers(id).every((reader) => readers.includes(reader))
    );
  }

  /** The one reader of a tensor that nothing else can see. */
  onlyReader(id: number): Node | undefined {
    const [reader, ...more] = this.readers(id);
    return reader && more.length === 0 && this.tensor(id).role === "scratch" ? reader : undefined;
  }

  /** Whether no node between the two, in execution order, writes the memory of any of these tensors. */
  isStable(ids: readonly number[], from: Node, to: Node): boolean {
    const roots = ids.map((id) => this.#root(id));
    const between = this.#nodes.slice(this.#nodes.indexOf(from) + 1, this.#nodes.indexOf(to));
    return between.every(({ op, outputs }) =>
      findOp(op).alias ? true : outputs.every((id) => !roots.includes(this.#root(id))),
    );
  }

  /** The tensor that owns the memory. */
  #root(id: number): number {
    const maker = this.#makers.get(id);
    return maker && findOp(maker.op).alias ? this.#root(maker.inputs[0] as number) : id;
  }

  /** Takes out `old`; the new nodes stand where the one they are paired with stood. */
  replace(old: readonly Node[], fresh: ReadonlyMap<Node, Node | readonly Node[]>): void {
    this.#nodes = this.#nodes.flatMap((node) => {
      const replacement = fresh.get(node);
      if (replacement) return replacement;
      return old.includes(node) ? [] : [node];
    });
    this.#index();
  }

  build(): Graph {
    return { tensors: this.#tensors, nodes: this.#nodes };
  }

  #index(): void {
    this.#readers.clear();
    this.#makers.clear();
    for (const node of this.#nodes) {
      for (const id of node.inputs) {
        const readers = this.#readers.get(id);
        if (readers) readers.push(node);
        else this.#readers.set(id, [node]);
      }
      for (const id of node.outputs) this.#makers.set(id, node);
    }
  }
}
