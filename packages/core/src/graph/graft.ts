/** The nodes of one graph again in another: over other rows, and the same weights. */
import { invariant } from "../errors.js";
import type { GraphBuilder } from "./builder.js";
import { findOp } from "./ops/index.js";
import type { Attributes, Graph, Node, Tensor } from "./types.js";

export interface GraftOptions {
  /** Tensors of the builder that stand for some of the graph's, by id. */
  readonly given: ReadonlyMap<number, number>;
  /** Ids of constants that are there already, by value; grows. Values of one template are the same arrays at any size. */
  readonly constants: Map<unknown, number>;
  readonly attributesOf: (node: Node) => Attributes;
}

/**
 * Appends the graph's nodes. What has a name is the builder's tensor of that name, everything else is made anew.
 * @returns the tensor of the builder that stands for one of the graph's
 */
export function graft(
  builder: GraphBuilder,
  graph: Graph,
  { given, constants, attributesOf }: GraftOptions,
): (id: number) => number {
  const known = new Map(given);
  const place = (id: number): number => {
    const found = known.get(id);
    if (found !== undefined) return found;
    const tensor = graph.tensors[id] as Tensor;
    const made =
      tensor.role === "constant" ? constantIn(builder, tensor, constants) : named(builder, tensor);
    known.set(id, made);
    return made;
  };
  for (const node of graph.nodes) {
    const inputs = node.inputs.map(place);
    const attributes = attributesOf(node);
    builder.label = node.label;
    if (findOp(node.op).inPlace) {
      builder.inPlace(node.op, inputs, node.outputs.map(place), attributes);
      continue;
    }
    const [first] = node.outputs as readonly [number];
    if (graph.tensors[first]?.role !== "scratch") {
      builder.opInto(node.op, inputs, place(first), attributes);
      continue;
    }
    const results = builder.several(node.op, inputs, node.outputs.length, attributes);
    for (const [index, output] of node.outputs.entries())
      known.set(output, results[index] as number);
  }
  builder.label = undefined;
  return place;
}

function constantIn(
  builder: GraphBuilder,
  { value, shape }: Tensor,
  constants: Map<unknown, number>,
): number {
  invariant(value, "graft", "a constant has no value");
  const same = constants.get(value);
  if (same !== undefined && `${builder.shape(same)}` === `${shape}`) return same;
  const made = builder.constant(value, shape);
  constants.set(value, made);
  return made;
}

function named(builder: GraphBuilder, tensor: Tensor): number {
  const { id: _, shape, name, role, ...options } = tensor;
  invariant(name !== undefined, "graft", `tensor ${tensor.id} is read before it is made`);
  return builder.persistent(name, role, shape, options);
}
