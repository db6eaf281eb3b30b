/**
 * The part of a model below all that learns: what it gives for a row never changes, so that it need be computed once for
 * each row and not once for each step.
 *
 * Pure functions on a traced model. Of the four graphs that it has, the one of training at two rows decides; the cut goes
 * through the others at the tensors that are made in the same way.
 */
import type { TypedArray } from "../typed-array.js";
import { isDraw, mixes } from "./cut-rows.js";
import { findOp } from "./ops/index.js";
import {
  type ModelGraph,
  type Port,
  type PortInfo,
  type Template,
  TRACE_BATCHES,
  type TracedModel,
} from "./template.js";
import type { Graph, Node, Tensor } from "./types.js";

/** A model in two parts. */
export interface Fronted {
  /** From the model's inputs to the tensors that are cut; it neither learns nor draws, and no row sees another. */
  readonly front: TracedModel;
  /** From there to all that the model has; its weights are those of the model. */
  readonly rest: TracedModel;
  /** How many calls of a step the front saves, before anything is fused. */
  readonly nodes: number;
  /** Names of the layers that stand in it. */
  readonly layers: readonly string[];
}

/** Where rows come out of the front, by the number of the tensor among those that are cut. */
const frontPort = (index: number) => `front:${index}`;

/** Undefined where nothing below all that learns has weights, or where rows may see each other before. */
export function frozenFront(traced: TracedModel): Fronted | undefined {
  const { training, inference } = traced;
  const found = frontNodes(training);
  const cut = cutBetween(training.two, found);
  if (cut.length === 0 || !readsWeights(training.two.graph, found.front)) return undefined;
  const names = new Names();
  const keys = names.of(training.two);
  const there = names.of(inference.two);
  const places = cut.map((id) => placeOf(there, keys.get(id) as number));
  const learning = halves(training, found, cut);
  const judging = halves(inference, frontNodes(inference), places);
  if (!learning || !judging) return undefined;
  const outputs = cut.map((id, index): PortInfo => {
    const { shape, dtype } = training.two.graph.tensors[id] as Tensor;
    return {
      name: frontPort(index),
      shape: shape.slice(1),
      dtype: dtype === "int32" ? "int32" : "float32",
    };
  });
  const { inputs } = traced;
  const kept = inputs.filter(({ name }) =>
    learning.rest.two.inputs.some((port) => port.name === name),
  );
  return {
    front: { ...traced, training: learning.front, inference: learning.front, outputs },
    rest: {
      ...traced,
      training: learning.rest,
      inference: judging.rest,
      inputs: [...outputs, ...kept],
    },
    nodes: found.front.size,
    layers: layersOf(found.front),
  };
}

interface FrontNodes {
  /** Of rows that depend on the inputs and on weights that stand still, each row for itself. */
  readonly front: Set<Node>;
  /** Of those weights alone. */
  readonly still: ReadonlySet<Node>;
}

function frontNodes({ two, three }: Template<ModelGraph>): FrontNodes {
  const [small, large] = [two.graph, three.graph];
  const changed = changedTensors(small);
  const fixed = new Set<number>();
  const ofRows = new Set(two.inputs.map(({ tensor }) => tensor));
  for (const { id, role, trainable } of small.tensors) {
    const isWeight = (role === "parameter" || role === "state") && trainable !== true;
    if ((isWeight && !changed.has(id)) || role === "constant") fixed.add(id);
  }
  const front = new Set<Node>();
  const still = new Set<Node>();
  for (const node of small.nodes) {
    const known = node.inputs.every((id) => fixed.has(id) || ofRows.has(id));
    const named = node.outputs.some((id) => small.tensors[id]?.role !== "scratch");
    if (!known || named || isDraw(node) || findOp(node.op).inPlace) continue;
    const takesRows = node.inputs.some((id) => ofRows.has(id));
    if (takesRows && mixes(node, small, large)) continue;
    for (const id of node.outputs) (takesRows ? ofRows : fixed).add(id);
    (takesRows ? front : still).add(node);
  }
  return { front, still };
}

/** What of the front is read behind it; nodes that leave the front since their results are no rows are taken from it. */
function cutBetween(model: ModelGraph, { front }: FrontNodes): readonly number[] {
  const { tensors } = model.graph;
  const isRows = (id: number) => {
    const { shape, dtype } = tensors[id] as Tensor;
    return shape[0] === TRACE_BATCHES[0] && dtype !== "uint8";
  };
  for (;;) {
    const cut = frontier(model, front);
    const bad = new Set(cut.filter((id) => !isRows(id)));
    if (bad.size === 0) return cut;
    for (const node of front) if (node.outputs.some((id) => bad.has(id))) front.delete(node);
  }
}

/** Tensors that some node writes where they lie. */
function changedTensors({ nodes, tensors }: Graph): ReadonlySet<number> {
  const written = nodes.flatMap(({ outputs }) => outputs);
  return new Set(written.filter((id) => tensors[id]?.role !== "scratch"));
}

function readsWeights({ tensors }: Graph, front: ReadonlySet<Node>): boolean {
  return [...front].some(({ inputs }) => inputs.some((id) => tensors[id]?.role === "parameter"));
}

/** What of the front is read behind it. */
function frontier(model: ModelGraph, front: ReadonlySet<Node>): number[] {
  const made = new Set([...front].flatMap(({ outputs }) => outputs));
  const behind = model.graph.nodes.filter((node) => !front.has(node));
  const read = [
    ...behind.flatMap(({ inputs }) => inputs),
    ...model.outputs.map(({ tensor }) => tensor),
    ...model.functions,
    ...model.penalties,
  ];
  return [...new Set(read.filter((id) => made.has(id)))].sort((a, b) => a - b);
}

interface Halves {
  readonly front: Template<ModelGraph>;
  readonly rest: Template<ModelGraph>;
}

/** Both parts, where each of the tensors that are cut is made by the front. */
function halves(
  template: Template<ModelGraph>,
  { front, still }: FrontNodes,
  cut: readonly (number | undefined)[],
): Halves | undefined {
  const made = new Set<number | undefined>([...front].flatMap(({ outputs }) => outputs));
  if (!cut.every((id) => made.has(id))) return undefined;
  const ids = cut as readonly number[];
  const { two, three } = template;
  const { nodes } = two.graph;
  const places = new Set([...front].map((node) => nodes.indexOf(node)));
  const stillPlaces = new Set([...still].map((node) => nodes.indexOf(node)));
  // What of a wider front is read behind the cut belongs to the rest.
  const needed = neededFor(two.graph, places, ids);
  const ports = ids.map((tensor, index): Port => ({ name: frontPort(index), tensor }));
  const part = (model: ModelGraph): { front: ModelGraph; rest: ModelGraph } => {
    const { tensors, nodes } = model.graph;
    const behind = nodes.filter((_, at) => !needed.has(at));
    const read = new Set(behind.flatMap(({ inputs }) => inputs));
    for (const { tensor } of model.outputs) read.add(tensor);
    for (const id of model.functions) read.add(id);
    const unreadPorts = new Set(
      model.inputs.map(({ tensor }) => tensor).filter((id) => !read.has(id)),
    );
    return {
      front: {
        ...model,
        graph: { tensors, nodes: nodes.filter((_, at) => needed.has(at) || stillPlaces.has(at)) },
        outputs: ports,
        penalties: [],
        functions: [],
      },
      rest: {
        ...model,
        graph: {
          tensors: tensors.map((one) => (unreadPorts.has(one.id) ? unread(one) : one)),
          nodes: behind,
        },
        inputs: [...ports, ...model.inputs.filter(({ tensor }) => read.has(tensor))],
      },
    };
  };
  const [small, large] = [part(two), part(three)];
  return {
    front: { two: small.front, three: large.front },
    rest: { two: small.rest, three: large.rest },
  };
}

/** Places of the nodes that make these tensors, among those of `places`. */
function neededFor(
  { nodes }: Graph,
  places: ReadonlySet<number>,
  cut: readonly number[],
): ReadonlySet<number> {
  const read = new Set(cut);
  const needed = new Set<number>();
  for (let at = nodes.length - 1; at >= 0; at--) {
    const node = nodes[at] as Node;
    if (!places.has(at) || !node.outputs.some((id) => read.has(id))) continue;
    needed.add(at);
    for (const id of node.inputs) read.add(id);
  }
  return needed;
}

/** A port's tensor that nothing fills any more: it takes no memory. */
function unread({ name: _, ...tensor }: Tensor): Tensor {
  return { ...tensor, role: "scratch" };
}

function layersOf(front: ReadonlySet<Node>): readonly string[] {
  const labels = [...front].flatMap(({ label }) => (label === undefined ? [] : [label]));
  return [...new Set(labels)];
}

/** Numbers for tensors: the same for those that are made of the same things by the same ops, in whatever graph. */
class Names {
  readonly #numbers = new Map<string, number>();
  readonly #values: TypedArray[] = [];

  of({ graph, inputs }: ModelGraph): ReadonlyMap<number, number> {
    const known = new Map<number, number>();
    const ports = new Map(inputs.map(({ name, tensor }) => [tensor, name]));
    const keyOf = (id: number): number => {
      const found = known.get(id);
      if (found !== undefined) return found;
      const { name, role, shape, value } = graph.tensors[id] as Tensor;
      const port = ports.get(id);
      const title = port === undefined ? (name ?? this.#value(value)) : `port ${port}`;
      const key = this.#number(`${role === "constant"} ${title} ${shape}`);
      known.set(id, key);
      return key;
    };
    for (const { op, inputs, outputs, attributes } of graph.nodes) {
      const key = `${op} ${inputs.map(keyOf)} ${JSON.stringify(attributes)}`;
      for (const [at, id] of outputs.entries()) known.set(id, this.#number(`${at} ${key}`));
    }
    return known;
  }

  #number(key: string): number {
    const found = this.#numbers.get(key) ?? this.#numbers.size;
    this.#numbers.set(key, found);
    return found;
  }

  /** Constants are compared by what they hold: each trace makes its own. */
  #value(value: Tensor["value"]): string {
    if (value === undefined) return "none";
    const at = this.#values.findIndex(
      (other) => other.length === value.length && other.every((one, index) => one === value[index]),
    );
    if (at < 0) this.#values.push(value);
    return `constant ${at < 0 ? this.#values.length - 1 : at}`;
  }
}

function placeOf(keys: ReadonlyMap<number, number>, wanted: number): number | undefined {
  for (const [id, key] of keys) if (key === wanted) return id;
  return undefined;
}
