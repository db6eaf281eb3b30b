/** The rows of one batch as a caller holds them: for one port or several, with labels and weights. */
import { HoneError } from "../errors.js";
import { sizeOf } from "../graph/geometry.js";
import type { PortInfo } from "../graph/template.js";
import type { Shape } from "../graph/types.js";
import type { Column } from "./dataset.js";
import { firstNotFinite, type ReadRows, type RowsLike, valuesOf } from "./rows.js";

/** Rows by the name of their input or output, or in the model's order. */
export type NamedRows = Readonly<Record<string, RowsLike>> | readonly RowsLike[];

/** Rows as they were read: by input, by output, and weights by output. */
export interface BatchRows {
  readonly rows: number;
  readonly inputs: ReadonlyMap<string, ReadRows>;
  readonly labels: ReadonlyMap<string, Column>;
  readonly sampleWeights: ReadonlyMap<string, Float32Array>;
}

const isRecord = (given: unknown): given is Readonly<Record<string, RowsLike>> =>
  typeof given === "object" &&
  given !== null &&
  !Array.isArray(given) &&
  !ArrayBuffer.isView(given) &&
  !("shape" in given && "data" in given);

/**
 * What is given for each port.
 * @throws BadArgument for names that are no port's, and for ports that nothing is given for
 */
export function byPort(
  given: RowsLike | NamedRows,
  names: readonly string[],
  where: string,
  kind: "input" | "output",
): ReadonlyMap<string, RowsLike> {
  const what = kind === "input" ? "x" : "y";
  const isOneOfSeveral = names.length > 1 && Array.isArray(given);
  if (
    isOneOfSeveral &&
    given.length === names.length &&
    given.every((one) => typeof one === "object")
  ) {
    return new Map(names.map((name, index) => [name, given[index] as RowsLike]));
  }
  if (isRecord(given)) {
    const unknown = Object.keys(given).find((name) => !names.includes(name));
    const missing = names.find((name) => !Object.hasOwn(given, name));
    if (unknown === undefined && (missing === undefined || kind === "output")) {
      return new Map(Object.entries(given));
    }
    const found = unknown === undefined ? `lacks "${missing}"` : `names "${unknown}"`;
    const text = `${what} ${found}; the model's ${kind}s are ${names.join(", ")}. Give each of those.`;
    throw new HoneError("BadArgument", where, text);
  }
  const [only, ...more] = names;
  if (only !== undefined && more.length === 0) return new Map([[only, given as RowsLike]]);
  const text = `the model has ${names.length} ${kind}s (${names.join(", ")}). Give ${what} as a record by those names.`;
  throw new HoneError("BadArgument", where, text);
}

export function shapesOf(inputs: ReadonlyMap<string, ReadRows>): Record<string, Shape> {
  return Object.fromEntries([...inputs].map(([name, { shape }]) => [name, shape]));
}

/** Labels as columns: whole numbers of an integer type stay whole. @throws BadArgument, BadData, ShapeMismatch */
export async function readLabels(
  y: RowsLike | NamedRows | undefined,
  outputs: readonly PortInfo[],
  rows: number,
): Promise<ReadonlyMap<string, Column>> {
  if (y === undefined || y === null) return new Map();
  const where = "trainOnBatch";
  const given = byPort(
    y,
    outputs.map(({ name }) => name),
    where,
    "output",
  );
  const labels = new Map<string, Column>();
  for (const [name, values] of given) {
    const { data, shape } = await valuesOf(values, where);
    const output = (outputs.find((port) => port.name === name) as PortInfo).shape;
    const row = rowOf(data.length, shape, rows, output);
    if (row === undefined) {
      const text = `the labels of "${name}" are ${data.length} values${shape ? ` of shape [${shape}]` : ""}, and there are ${rows} rows. Give labels for each row.`;
      throw new HoneError("ShapeMismatch", where, text);
    }
    const column = { data: labelData(data), shape: row, scale: 1, offset: 0 };
    const at = firstNotFinite(column.data);
    if (at >= 0) {
      const text = `the labels of "${name}" hold ${data[at]} in row ${Math.floor(at / sizeOf(row))}. Replace it by a finite number.`;
      throw new HoneError("BadData", where, text);
    }
    labels.set(name, column);
  }
  return labels;
}

/** Shape of one row. */
function rowOf(
  length: number,
  shape: Shape | undefined,
  rows: number,
  output: Shape,
): Shape | undefined {
  if (shape) return shape[0] === rows && sizeOf(shape) === length ? shape.slice(1) : undefined;
  if (length === rows) return [];
  return length === rows * sizeOf(output) ? output : undefined;
}

function labelData(data: ArrayLike<number>): Int32Array | Float32Array {
  if (data instanceof Int32Array || data instanceof Float32Array) return data;
  const whole = ArrayBuffer.isView(data) && !(data instanceof Float64Array);
  return whole ? Int32Array.from(data) : Float32Array.from(data);
}

/** Weights of the rows, by output. @throws BadArgument, BadData, ShapeMismatch */
export async function readSampleWeights(
  given: RowsLike | Readonly<Record<string, RowsLike>> | undefined,
  labels: ReadonlyMap<string, unknown>,
  rows: number,
): Promise<ReadonlyMap<string, Float32Array>> {
  const weights = new Map<string, Float32Array>();
  if (given === undefined) return weights;
  const where = "sampleWeight";
  if (isRecord(given) && Object.keys(given).length === 0) {
    const text = "it names no output. Give one weight a row, or those of each output by name.";
    throw new HoneError("BadArgument", where, text);
  }
  const byOutput = isRecord(given)
    ? byPort(given, [...labels.keys()], where, "output")
    : new Map([...labels.keys()].map((name) => [name, given as RowsLike]));
  for (const [name, values] of byOutput) {
    const data = Float32Array.from((await valuesOf(values, where)).data);
    if (data.length !== rows) {
      const text = `${data.length} weights were given for ${rows} rows. Give one for each.`;
      throw new HoneError("ShapeMismatch", where, text);
    }
    const at = firstNotFinite(data);
    if (at >= 0) {
      const text = `row ${at} has weight ${data[at]}. Give a finite number.`;
      throw new HoneError("BadData", where, text);
    }
    weights.set(name, data);
  }
  return weights;
}
