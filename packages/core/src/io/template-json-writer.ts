/** A model's graph as JSON, for all batch sizes at once: template-json.ts tells the form. */
import type { ModelGraph, Template } from "../graph/template.js";
import type { Attributes, Shape } from "../graph/types.js";
import type { TypedArray } from "../typed-array.js";
import type { KeptTensor } from "./hone-file.js";
import type {
  Growing,
  JsonAttribute,
  JsonNode,
  JsonTemplate,
  JsonTensor,
} from "./template-json.js";

/** Elements up to which a constant stands in the JSON itself. */
const FEW = 16;
/** Large constants of all templates of a model, each once. */
export class Constants {
  readonly tensors: Record<string, KeptTensor> = {};

  /** @returns the values themselves where they are few, else the name they are kept under */
  keep(value: TypedArray, shape: Shape): TypedArray | string {
    if (value.length <= FEW || value instanceof Uint8Array) return value;
    const known = Object.entries(this.tensors).find(([, { data }]) => isSame(data, value));
    if (known) return known[0];
    const name = `constant:${Object.keys(this.tensors).length}`;
    this.tensors[name] = { shape, data: value };
    return name;
  }
}

function isSame(a: TypedArray, b: TypedArray): boolean {
  return (
    a.constructor === b.constructor &&
    a.length === b.length &&
    a.every((item, at) => Object.is(item, b[at]))
  );
}

export function templateToJson(
  { two, three }: Template<ModelGraph>,
  constants: Constants,
): JsonTemplate {
  const { inputs, outputs, penalties, labels, functions } = two;
  return {
    tensors: two.graph.tensors.map(
      ({ shape, dtype, role, name, trainable, block, value }, at): JsonTensor => ({
        shape: growingList(shape, three.graph.tensors[at]?.shape ?? []),
        dtype,
        role,
        ...(name !== undefined && { name }),
        ...(trainable !== undefined && { trainable }),
        ...(block !== undefined && { block }),
        ...(value && { value: constants.keep(value, shape) }),
      }),
    ),
    nodes: two.graph.nodes.map(
      ({ op, inputs: from, outputs: to, attributes, label }, at): JsonNode => ({
        op,
        inputs: from,
        outputs: to,
        attributes: growingAttributes(attributes, three.graph.nodes[at]?.attributes ?? {}),
        ...(label !== undefined && { label }),
      }),
    ),
    inputs,
    outputs,
    penalties,
    labels,
    functions,
  };
}

const growing = (a: number, b: number): Growing<number> => (Object.is(a, b) ? a : { rows: [a, b] });
const growingList = (a: readonly number[], b: readonly number[]) =>
  a.map((item, at) => growing(item, b[at] as number));

function growingAttributes(a: Attributes, b: Attributes): Record<string, JsonAttribute> {
  return Object.fromEntries(
    Object.entries(a).map(([name, value]) => {
      const other = b[name];
      if (typeof value === "number") return [name, growing(value, other as number)];
      if (typeof value === "object") return [name, growingList(value, other as readonly number[])];
      return [name, value];
    }),
  );
}
