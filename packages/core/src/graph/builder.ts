/** The one way graphs are made: every node's shape comes from the op table, so a graph is always well formed. */
import { HoneError, invariant } from "../errors.js";
import type { TypedArray } from "../typed-array.js";
import { findOp, type Inferred } from "./ops/index.js";
import type { Attributes, DataType, Graph, Node, Role, Shape, Tensor } from "./types.js";
import type { GraphWriter } from "./writer.js";

export interface PersistentOptions {
  readonly dtype?: DataType;
  readonly trainable?: boolean;
  readonly resident?: boolean;
  readonly span?: readonly number[];
  readonly block?: string;
}

export class GraphBuilder implements GraphWriter {
  /** Attached to the nodes made from now on: the layer being traced. */
  label: string | undefined;
  readonly #tensors: Tensor[] = [];
  readonly #nodes: Node[] = [];
  readonly #named = new Map<string, number>();
  /** Float32 constants of shape [], by value. */
  readonly #scalars = new Map<number | "-0", number>();
  readonly #makers = new Map<number, Node>();
  readonly #readerCounts = new Map<number, number>();

  constructor(start?: Graph) {
    for (const tensor of start?.tensors ?? []) {
      this.#tensors.push(tensor);
      this.#index(tensor);
    }
    this.adopt(start?.nodes ?? []);
  }

  get tensors(): readonly Tensor[] {
    return this.#tensors;
  }

  /** In execution order. */
  get nodes(): readonly Node[] {
    return this.#nodes;
  }

  tensor(id: number): Tensor {
    const tensor = this.#tensors[id];
    invariant(tensor, "GraphBuilder", `no tensor ${id}`);
    return tensor;
  }

  shape(id: number): Shape {
    return this.tensor(id).shape;
  }

  /** The first node that writes the tensor, if one does. */
  maker(id: number): Node | undefined {
    return this.#makers.get(id);
  }

  /** How many nodes read the tensor. */
  readerCount(id: number): number {
    return this.#readerCounts.get(id) ?? 0;
  }

  /**
   * The tensor that a node computed and that holds this result's memory: itself, or what it is a
   * reshape of. Nothing if another node reads one of the two, or one of them has a name.
   */
  ownResult(id: number): number | undefined {
    const maker = this.maker(id);
    if (!maker || this.tensor(id).role !== "scratch" || this.readerCount(id) > 0) return undefined;
    if (maker.op !== "Reshape") return id;
    const source = maker.inputs[0] as number;
    const sourceMaker = this.maker(source);
    if (!sourceMaker || sourceMaker.op === "Reshape" || this.readerCount(source) > 1)
      return undefined;
    return this.tensor(source).role === "scratch" ? source : undefined;
  }

  /**
   * A named tensor that outlives a step. @returns its id; asking for the same name again gives the same tensor
   * @throws Internal when the name is taken by a tensor that differs in anything
   */
  persistent(name: string, role: Role, shape: Shape, options: PersistentOptions = {}): number {
    const wanted = { dtype: "float32", ...options, name, role, shape: [...shape] } as const;
    const id = this.#named.get(name);
    if (id === undefined) return this.#add(wanted);
    const [is, asked] = [describe(this.tensor(id)), describe(wanted)];
    invariant(is === asked, "GraphBuilder", `"${name}" is ${is} and ${asked}`);
    return id;
  }

  /** A value known now; row-major. */
  constant(value: TypedArray, shape: Shape): number {
    const dtype = value instanceof Int32Array ? "int32" : "float32";
    return this.#add({ dtype, role: "constant", shape: [...shape], value });
  }

  /** A scalar constant, shape []; the same value is stored once. */
  scalar(value: number): number {
    return this.#scalars.get(scalarKey(value)) ?? this.constant(Float64Array.of(value), []);
  }

  /** Appends a node and returns its first result. @throws ShapeMismatch, UnsupportedModel */
  op(name: string, inputs: readonly number[], attributes: Attributes = {}): number {
    return this.#node(name, inputs, this.#inferred(name, inputs, attributes), attributes)[0];
  }

  /** Appends a node with several results, of the shapes that its op says or else of one shape. @throws as `op` */
  several(
    name: string,
    inputs: readonly number[],
    count: number,
    attributes: Attributes = {},
  ): readonly number[] {
    const { more, ...first } = this.#inferred(name, inputs, attributes);
    const shapes = more ?? Array.from({ length: count - 1 }, () => first.shape);
    invariant(
      shapes.length === count - 1,
      "GraphBuilder",
      `${name} has ${shapes.length + 1} results`,
    );
    return this.#node(name, inputs, { ...first, more: shapes }, attributes);
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

  /** Appends nodes made elsewhere, over tensors of this graph. */
  adopt(nodes: Iterable<Node>): void {
    for (const node of nodes) this.#append(node);
  }

  /** Puts a node before all others. */
  prepend(node: Node): void {
    this.#nodes.unshift(node);
    this.#count(node);
    for (const id of node.outputs) this.#makers.set(id, node);
  }

  /** Gives a tensor another role, name and block; of the rest it keeps shape and type. */
  retype(id: number, role: Role, name?: string, block?: string): void {
    const { shape, dtype, role: before, name: oldName } = this.tensor(id);
    invariant(before !== "constant", "GraphBuilder", `tensor ${id} is a constant`);
    if (oldName !== undefined) this.#named.delete(oldName);
    const taken = name !== undefined && this.#named.has(name);
    invariant(!taken, "GraphBuilder", `there is a "${name}" already`);
    const tensor: Tensor = {
      id,
      shape,
      dtype,
      role,
      ...(name !== undefined && { name }),
      ...(block !== undefined && { block }),
    };
    this.#tensors[id] = tensor;
    this.#index(tensor);
  }

  build(): Graph {
    return { tensors: [...this.#tensors], nodes: [...this.#nodes] };
  }

  #inferred(name: string, inputs: readonly number[], attributes: Attributes): Inferred {
    const tensors = inputs.map((id) => this.tensor(id));
    try {
      return findOp(name).infer(tensors, attributes);
    } catch (error) {
      if (!(error instanceof HoneError) || this.label === undefined) throw error;
      throw new HoneError(error.kind, `layer "${this.label}"`, stripPrefix(error.message));
    }
  }

  #node(
    name: string,
    inputs: readonly number[],
    { shape, dtype = "float32", more = [] }: Inferred,
    attributes: Attributes,
  ): [number, ...number[]] {
    const result = (extents: Shape) => this.#add({ dtype, role: "scratch", shape: [...extents] });
    const outputs: [number, ...number[]] = [result(shape), ...more.map(result)];
    this.#push({ op: name, inputs: [...inputs], outputs, attributes });
    return outputs;
  }

  #add(fields: Omit<Tensor, "id">): number {
    const tensor = { ...fields, id: this.#tensors.length };
    this.#tensors.push(tensor);
    this.#index(tensor);
    return tensor.id;
  }

  #index({ id, name, role, dtype, shape, value }: Tensor): void {
    if (name !== undefined) this.#named.set(name, id);
    const scalar = role === "constant" && dtype === "float32" && shape.length === 0;
    if (!scalar || value?.[0] === undefined) return;
    const key = scalarKey(value[0]);
    if (!this.#scalars.has(key)) this.#scalars.set(key, id);
  }

  #count({ inputs }: Node): void {
    for (const id of new Set(inputs)) this.#readerCounts.set(id, this.readerCount(id) + 1);
  }

  #push(node: Node): void {
    this.#append(this.label === undefined ? node : { ...node, label: this.label });
  }

  #append(node: Node): void {
    this.#nodes.push(node);
    this.#count(node);
    for (const id of node.outputs) if (!this.#makers.has(id)) this.#makers.set(id, node);
  }
}

/** Maps tell no -0 from 0. */
function scalarKey(value: number): number | "-0" {
  return Object.is(value, -0) ? "-0" : value;
}

/** All that two tensors of one name must have in common. */
function describe(tensor: Omit<Tensor, "id">): string {
  const { dtype, role, shape, trainable, resident, block, span } = tensor;
  const words = [
    ...(trainable ? ["trainable"] : []),
    ...(resident ? ["resident"] : []),
    ...[dtype, role, `[${shape}]`],
    ...(block === undefined ? [] : [`in block "${block}"`]),
    ...(span === undefined ? [] : [`over [${span}]`]),
  ];
  return words.join(" ");
}

function stripPrefix(message: string): string {
  return message.replace(/^\[hone\] /, "");
}
