/**
 * A model's graph as JSON, for all batch sizes at once: a number that grows with the rows stands as `{ rows: [a, b] }`,
 * its values at the two sizes that a template holds.
 *
 * Read as a stranger's: every node is made anew by the op table, which says the shape of its result.
 */
import { HoneError } from "../errors.js";
import { GraphBuilder } from "../graph/builder.js";
import { sizeOf } from "../graph/geometry.js";
import { findOp, isOfModels, loadOps } from "../graph/ops/index.js";
import type { ModelGraph, Template } from "../graph/template.js";
import type { Attribute, DataType, Node, Role, Tensor } from "../graph/types.js";
import type { TypedArray } from "../typed-array.js";
import { messageOf } from "../value-text.js";
import type { KeptTensor } from "./hone-file.js";

/** Of a tensor at two rows; a device would refuse far smaller ones. */
const MOST_ELEMENTS = 2 ** 31;

export type Growing<T> = T | { readonly rows: readonly [T, T] };
export type JsonAttribute = Growing<number> | string | boolean | readonly Growing<number>[];

export interface JsonTensor {
  readonly shape: readonly Growing<number>[];
  readonly dtype: DataType;
  readonly role: Role;
  readonly name?: string;
  readonly trainable?: boolean;
  readonly block?: string;
  /** Values, or the name of the tensor beside the JSON. */
  readonly value?: TypedArray | string;
}

export interface JsonNode {
  readonly op: string;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly attributes: Readonly<Record<string, JsonAttribute>>;
  readonly label?: string;
}

export interface JsonTemplate
  extends Pick<ModelGraph, "functions" | "inputs" | "labels" | "outputs" | "penalties"> {
  readonly tensors: readonly JsonTensor[];
  readonly nodes: readonly JsonNode[];
}

/** Batch sizes at which a graph is looked at beside the two of its template: what holds there holds between. */
const OTHER_ROWS = [1, 64];

/**
 * @param kept the tensors beside the JSON
 * @param isTraining of a graph that may move statistics
 * @throws BadArgument, ShapeMismatch for what no trace gives
 */
export async function templateFromJson(
  json: JsonTemplate,
  kept: Readonly<Record<string, KeptTensor>>,
  isTraining: boolean,
): Promise<Template<ModelGraph>> {
  await loadOps(list(json?.nodes, "nodes").map((node) => `${isRecord(node) ? node.op : ""}`));
  const at = (rows: number) => graphOf(json, kept, rows, isTraining);
  for (const rows of OTHER_ROWS) at(rows);
  return { two: at(2), three: at(3) };
}

function refuse(what: string): never {
  throw new HoneError("BadArgument", "model", `${what}. It is damaged: take another model.`);
}

const list = (value: unknown, what: string): readonly unknown[] =>
  Array.isArray(value) ? value : refuse(`its ${what} are no list`);
const isText = (value: unknown): value is string => typeof value === "string";
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  !ArrayBuffer.isView(value);

function numberAt(value: unknown, rows: number, what: string): number {
  if (typeof value === "number") return value;
  const pair = isRecord(value) ? value.rows : undefined;
  const [two, three] = Array.isArray(pair) && pair.length === 2 ? pair : [];
  if (typeof two !== "number" || typeof three !== "number") {
    return refuse(`its ${what} are not what they should be`);
  }
  return two + (three - two) * (rows - 2);
}

/** An extent, a place or a count. */
function countAt(value: unknown, rows: number, what: string): number {
  const count = numberAt(value, rows, what);
  if (Number.isSafeInteger(count) && count >= 0) return count;
  return refuse(`its ${what} are no counts, with ${rows} rows`);
}

function graphOf(
  json: JsonTemplate,
  kept: Readonly<Record<string, KeptTensor>>,
  rows: number,
  isTraining: boolean,
): ModelGraph {
  const tensors = list(json?.tensors, "tensors").map((given, id) =>
    tensorOf(given, id, kept, rows),
  );
  const made = new Set(tensors.flatMap(({ id, role }) => (role === "scratch" ? [] : [id])));
  const builder = new GraphBuilder({ tensors, nodes: [] });
  const isId = (id: unknown): id is number =>
    Number.isInteger(id) && tensors[id as number] !== undefined;
  // Labels and the rows of functions are filled by the step.
  const ports = (given: unknown, what: string) =>
    list(given, what).map((port) => {
      const { name, tensor } = isRecord(port) ? port : {};
      if (!isText(name) || !isId(tensor)) return refuse(`its ${what} are not what they should be`);
      return { name, tensor };
    });
  const ids = (given: unknown, what: string) =>
    list(given, what).map((id) =>
      isId(id) ? id : refuse(`its ${what} are not what they should be`),
    );
  const [inputs, labels] = [ports(json.inputs, "inputs"), ports(json.labels, "labels")];
  for (const { tensor } of [...inputs, ...labels]) made.add(tensor);
  const nodes = list(json.nodes, "nodes").map((given) => {
    const node = nodeOf(given, rows, isId);
    checkNode(builder, node, made, isTraining);
    for (const id of node.outputs) made.add(id);
    return node;
  });
  const outputs = ports(json.outputs, "outputs");
  const [penalties, functions] = [
    ids(json.penalties, "penalties"),
    ids(json.functions, "functions"),
  ];
  for (const id of [...outputs.map(({ tensor }) => tensor), ...penalties, ...functions]) {
    if (!made.has(id)) refuse(`nothing makes its tensor ${id}`);
  }
  return { graph: { tensors, nodes }, inputs, outputs, penalties, labels, functions };
}

const DTYPES: readonly unknown[] = ["float32", "int32"];
const ROLES: readonly unknown[] = ["parameter", "state", "input", "constant", "scratch"];

function tensorOf(
  given: unknown,
  id: number,
  kept: Readonly<Record<string, KeptTensor>>,
  rows: number,
): Tensor {
  const { shape, dtype, role, name, trainable, block, value } = isRecord(given) ? given : {};
  const extents = list(shape, "shapes").map((extent) => countAt(extent, rows, "shapes"));
  const isKnown = DTYPES.includes(dtype) && ROLES.includes(role);
  const isNamed = role === "scratch" || role === "constant" || isText(name);
  const others = [name === undefined || isText(name), block === undefined || isText(block)];
  const isFlag = trainable === undefined || typeof trainable === "boolean";
  if (
    !isKnown ||
    !isNamed ||
    !isFlag ||
    others.includes(false) ||
    sizeOf(extents) > MOST_ELEMENTS
  ) {
    return refuse(`its tensor ${id} is not what it should be`);
  }
  const values = isText(value) && Object.hasOwn(kept, value) ? kept[value]?.data : value;
  const isConstant = role === "constant";
  const isValued = isArray(values) && values.length === sizeOf(extents);
  if (isConstant !== isValued) return refuse(`its tensor ${id} has no values, or too many`);
  return {
    id,
    shape: extents,
    dtype: dtype as DataType,
    role: role as Role,
    ...(isText(name) && { name }),
    ...(isText(block) && { block }),
    ...(trainable !== undefined && { trainable: trainable as boolean }),
    ...(isConstant && { value: values as TypedArray }),
  };
}

const isArray = (value: unknown): value is TypedArray =>
  value instanceof Float32Array ||
  value instanceof Float64Array ||
  value instanceof Int32Array ||
  value instanceof Uint8Array;

function nodeOf(given: unknown, rows: number, isId: (id: unknown) => id is number): Node {
  const { op, inputs, outputs, attributes, label } = isRecord(given) ? given : {};
  if (!isText(op) || !isOfModels(op)) return refuse("it has an op that this release lacks");
  const ids = (ports: unknown) =>
    list(ports, "operands").map((id) => (isId(id) ? id : refuse(`an operand of ${op} is missing`)));
  if (!isRecord(attributes)) return refuse(`attributes of ${op} are missing`);
  const entries = Object.entries(attributes).map(
    ([name, value]) => [name, attributeOf(value, rows, op)] as const,
  );
  return {
    op,
    inputs: ids(inputs),
    outputs: ids(outputs),
    attributes: Object.fromEntries(entries),
    ...(isText(label) && { label }),
  };
}

function attributeOf(value: unknown, rows: number, op: string): Attribute {
  if (isText(value) || typeof value === "boolean") return value;
  const what = `attributes of ${op}`;
  if (Array.isArray(value)) return value.map((item) => countAt(item, rows, what));
  return numberAt(value, rows, what);
}

/** What the op table says of a node's result; its rules expect operands and attributes as a trace gives them. */
function resultOf({ op, inputs, attributes }: Node, builder: GraphBuilder) {
  const tensors = inputs.map((id) => builder.tensor(id));
  try {
    return findOp(op).infer(tensors, attributes);
  } catch (error) {
    return refuse(`operands of ${op} do not go together (${messageOf(error)})`);
  }
}

/** A node must read what is there, and its result be what the op table says. */
function checkNode(
  builder: GraphBuilder,
  node: Node,
  made: ReadonlySet<number>,
  isTraining: boolean,
): void {
  const { op, inputs, outputs } = node;
  const missing = inputs.find((id) => !made.has(id));
  if (missing !== undefined) refuse(`${op} reads tensor ${missing} before it is made`);
  if (findOp(op).inPlace) {
    checkMovedStatistic(node, builder, isTraining);
    return;
  }
  const { shape, dtype = "float32", more = [] } = resultOf(node, builder);
  const shapes = [shape, ...more];
  if (new Set(outputs).size !== shapes.length) refuse(`${op} has ${outputs.length} results`);
  for (const [index, output] of outputs.entries()) {
    const { role, ...result } = builder.tensor(output);
    if (role !== "scratch" || made.has(output)) refuse(`${op} writes over tensor ${output}`);
    const [is, should] = [result, { shape: shapes[index], dtype }].map(
      (one) => `${one.dtype} [${one.shape}]`,
    );
    if (is !== should) refuse(`the result of ${op} is ${should}, and ${is} in it`);
  }
}

/** The one thing that a model changes: a moving statistic, while it trains. */
function checkMovedStatistic(
  { op, inputs, outputs, attributes }: Node,
  builder: GraphBuilder,
  isTraining: boolean,
): void {
  const [target, value, ...more] = inputs.map((id) => builder.tensor(id));
  const isStatistic = target?.role === "state" && target.name?.startsWith("state:");
  const isOne = `${outputs}` === `${target?.id}` && value !== undefined && more.length === 0;
  const isAlike = `${target?.shape}` === `${value?.shape}` && value?.dtype === "float32";
  const isDecay = typeof attributes.decay === "number";
  if (!isTraining || !isStatistic || !isOne || !isAlike || !isDecay) {
    refuse(`${op} changes what no model changes there`);
  }
}
