/** The rows of one batch: labels and weights beside inputs. */
import { HoneError } from "../errors.js";
import { sizeOf } from "../graph/geometry.js";
import type { PortInfo } from "../graph/template.js";
import type { Shape } from "../graph/types.js";
import type { Column } from "./dataset.js";
import { byPort, type NamedRows } from "./named-rows.js";
import { isRecord } from "./row-forms.js";
import {
  firstNotFinite,
  floats,
  type OwnScaling,
  type ReadRows,
  type RowsLike,
  valuesOf,
} from "./rows.js";

/** Rows as they were read: by input, by output, and weights by output. */
export interface BatchRows {
  readonly rows: number;
  readonly inputs: ReadonlyMap<string, ReadRows>;
  readonly labels: ReadonlyMap<string, Column>;
  readonly sampleWeights: ReadonlyMap<string, Float32Array>;
}

/** Labels as columns: whole numbers of an integer type stay whole. @throws BadArgument, BadData, ShapeMismatch */
export async function readLabels(
  y: RowsLike | NamedRows | undefined,
  outputs: readonly PortInfo[],
  rows: number,
): Promise<ReadonlyMap<string, Column>> {
  if (y === undefined || y === null) return new Map();
  const where = "trainOnBatch";
  const given = await byPort(
    y,
    outputs.map(({ name }) => name),
    where,
    "output",
  );
  const labels = new Map<string, Column>();
  for (const [name, values] of given) {
    const { data, shape, own } = await valuesOf(values, where);
    const output = (outputs.find((port) => port.name === name) as PortInfo).shape;
    const row = rowOf(data.length, shape, rows, output);
    if (row === undefined) {
      const text = `the labels of "${name}" are ${data.length} values${shape ? ` of shape [${shape}]` : ""}, and there are ${rows} rows. Give labels for each row.`;
      throw new HoneError("ShapeMismatch", where, text);
    }
    const column = { data: labelData(data, own), shape: row, scale: 1, offset: 0 };
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

function labelData(
  data: ArrayLike<number>,
  own: OwnScaling | undefined,
): Int32Array | Float32Array {
  if (own) return floats(data, own);
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
    ? await byPort(given, [...labels.keys()], where, "output")
    : new Map([...labels.keys()].map((name) => [name, given as RowsLike]));
  for (const [name, values] of byOutput) {
    const { data: given, own } = await valuesOf(values, where);
    const data = floats(given, own);
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
