/** The one way graphs are made: every node's shape comes from the op table, so a graph is always well formed. */
import { HoneError, invariant } from "../errors.js";
import type { TypedArray } from "../typed-array.js";
import { findOp } from "./ops/index.js";
import type { Attributes, DataType, Graph, Node, Role, Shape, Tensor } from "./types.js";

export interface PersistentOptions {
  readonly dtype?: DataType;
  readonly trainable?: boolean;
  readonly resident?: boolean;
  readonly span?: readonly number[];
  readonly block?: string;
}

export class GraphBuilder {
  readonly tensors: Tensor[];
  readonly nodes: Node[];
  /** Attached to the nodes made from now on: the layer being traced. */
  label: string | undefined;

  constructor(start?: Graph) {
    this.tensors = start ? [...start.tensors] : [];
    this.nodes = start ? [...start.nodes] : [];
  }

  tensor(id: number): Tensor {
    const tensor = this.tensors[id];
    invariant(tensor, "GraphBuilder", `no tensor ${id}`);
    return tensor;
  }

  shape(id: number): Shape {
    return this.tensor(id).shape;
  }

  /** A named tensor that outlives a step. @returns its id; asking for the same name again gives the same tensor. */
  persistent(name: string, role: Role, shape: Shape, options: PersistentOptions = {}): number {
    const known = this.tensors.find((tensor) => tensor.name === name);
    if (known) {
      const same = known.role === role && `${known.shape}` === `${shape}`;
      invariant(same, "GraphBuilder", `"${name}" is [${known.shape}] and [${shape}]`);
      return known.id;
    }
    return this.#add({ dtype: "float32", ...options, name, role, shape: [...shape] });
  }

  /** A value known now; row-major. */
  constant(value: TypedArray, shape: Shape): number {
    const dtype = value instanceof Int32Array ? "int32" : "float32";
    return this.#add({ dtype, role: "constant", shape: [...shape], value });
  }

  /** A scalar constant, shape []; the same value is stored once. */
  scalar(value: number): number {
    const known = this.tensors.find(
      (tensor) =>
        tensor.role === "constant" &&
        tensor.dtype === "float32" &&
        tensor.shape.length === 0 &&
        Object.is(tensor.value?.[0], value),
    );
    return known ? known.id : this.constant(Float64Array.of(value), []);
  }

  /** Appends a node and returns its single result. @throws ShapeMismatch, UnsupportedModel */
  op(name: string, inputs: readonly number[], attributes: Attributes = {}): number {
    const definition = findOp(name);
    const shapes = inputs.map((id) => this.tensor(id));
    let result: { shape: Shape; dtype?: DataType };
    try {
      result = definition.infer(shapes, attributes);
    } catch (error) {
      if (!(error instanceof HoneError) || this.label === undefined) throw error;
      throw new HoneError(error.kind, `layer "${this.label}"`, stripPrefix(error.message));
    }
    const output = this.#add({
      dtype: result.dtype ?? "float32",
      role: "scratch",
      shape: [...result.shape],
    });
    this.#push({ op: name, inputs: [...inputs], outputs: [output], attributes });
    return output;
  }

  /** Appends a node with several results of one shape, and returns them. @throws as `op` */
  several(
    name: string,
    inputs: readonly number[],
    count: number,
    attributes: Attributes = {},
  ): readonly number[] {
    const first = this.op(name, inputs, attributes);
    const { dtype, role, shape } = this.tensor(first);
    const more = Array.from({ length: count - 1 }, () => this.#add({ dtype, role, shape }));
    const node = this.nodes.pop() as Node;
    this.nodes.push({ ...node, outputs: [first, ...more] });
    return [first, ...more];
  }

  /** Appends a node that changes some of its inputs in place. @param changed ids among `inputs` */
  inPlace(
    name: string,
    inputs: readonly number[],
    changed: readonly number[],
    attributes: Attributes = {},
  ): void {
    findOp(name);
    invariant(
      changed.every((id) => inputs.includes(id)),
      "GraphBuilder",
      `${name} changes a tensor it does not read`,
    );
    this.#push({ op: name, inputs: [...inputs], outputs: [...changed], attributes });
  }

  /** Appends a node that writes its result into an existing persistent tensor of the same shape. */
  opInto(
    name: string,
    inputs: readonly number[],
    output: number,
    attributes: Attributes = {},
  ): void {
    findOp(name);
    this.#push({ op: name, inputs: [...inputs], outputs: [output], attributes });
  }

  build(): Graph {
    return { tensors: this.tensors, nodes: this.nodes };
  }

  #add(tensor: Omit<Tensor, "id">): number {
    const id = this.tensors.length;
    this.tensors.push({ ...tensor, id });
    return id;
  }

  #push(node: Node): void {
    this.nodes.push(this.label === undefined ? node : { ...node, label: this.label });
  }
}

function stripPrefix(message: string): string {
  return message.replace(/^\[hone\] /, "");
}
