/**
 * How the rows of a step come to a model: picked from columns that stay on the device, or written by the host for
 * this step alone. Either way the model's input ports are filled, and labels and weights stand ready.
 */
import { HoneError } from "../errors.js";
import { type Augment, augmentImages } from "./augment.js";
import type { GraphBuilder } from "./builder.js";
import { sizeOf } from "./geometry.js";
import type { ModelGraph, Port } from "./template.js";
import type { Attributes, DataType, Shape } from "./types.js";

/** One column of a data set as the gather op needs to know it; value = data · scale + offset. */
export interface ColumnSpec {
  readonly dtype: DataType;
  readonly rowShape: Shape;
  readonly scale: number;
  readonly offset: number;
}

/** The columns there are, and what each is for. Plain data. */
export interface DataSpec {
  readonly columns: Readonly<Record<string, ColumnSpec>>;
  /** The column that feeds an input of the model, by the input's name. */
  readonly inputs: Readonly<Record<string, string>>;
  /** The column of an output's labels, by the output's name. */
  readonly labels: Readonly<Record<string, string>>;
  /** The column that weighs an output's rows, by the output's name. */
  readonly sampleWeights?: Readonly<Record<string, string>>;
}

/** Which rows a step takes. */
export type RowChoice =
  | {
      readonly from: "resident";
      /** Rows between the starts of two steps. */
      readonly stride: number;
      /** The order and the epoch's start, or nothing: rows as they stand. */
      readonly picked: readonly number[];
    }
  /** The host writes each column's rows, float32 or int32, into the buffer `fedBuffer` names. */
  | { readonly from: "host" };

/** The block that is a column of the data set, and that column's name on the device. */
export function residentBuffer(column: string): string {
  return `data.${column}`;
}

/** The buffer for the rows of a column that the host writes for a step of `batch` rows. */
export function fedBuffer(
  column: string,
  batch: number,
  { dtype, rowShape }: Pick<ColumnSpec, "dtype" | "rowShape">,
): string {
  return `fed.${column}@${batch}:${dtype}:${rowShape.join("x")}`;
}

/** What a step reads beside the model's inputs. */
export interface FedRows {
  /** [B, ...row], by output. */
  readonly labels: ReadonlyMap<string, number>;
  /** [B], by output. */
  readonly sampleWeights: ReadonlyMap<string, number>;
}

/** Lets the step itself fill a tensor that the trace left to the host. */
export function computedHere(builder: GraphBuilder, id: number): void {
  builder.retype(id, "scratch");
}

/**
 * Appends what fills the model's inputs and the labels it reads; the model's own nodes must come after.
 * @throws ShapeMismatch when data and model do not go together
 */
export function feed(
  builder: GraphBuilder,
  model: Pick<ModelGraph, "inputs" | "labels">,
  data: DataSpec,
  rows: RowChoice,
  augment?: Augment,
): FedRows {
  const batch = builder.shape((model.inputs[0] as Port).tensor)[0] as number;
  const source: Source = { builder, data, rows, batch };
  for (const port of model.inputs) feedInput(source, port, augment);
  const labels = new Map<string, number>();
  for (const [output, column] of Object.entries(data.labels)) {
    const port = model.labels.find(({ name }) => name === output);
    labels.set(output, port ? feedLabelPort(source, port, column) : labelsOf(source, column));
  }
  // Labels that only functions of another mode read.
  for (const port of model.labels) if (!labels.has(port.name)) computedHere(builder, port.tensor);
  const weights = Object.entries(data.sampleWeights ?? {}).map(
    ([output, column]) => [output, rowsOf(source, column, "float32", [batch])] as const,
  );
  return { labels, sampleWeights: new Map(weights) };
}

interface Source {
  readonly builder: GraphBuilder;
  readonly data: DataSpec;
  readonly rows: RowChoice;
  readonly batch: number;
}

function specOf({ data }: Source, column: string): ColumnSpec {
  const spec = data.columns[column];
  if (spec) return spec;
  throw new HoneError("Internal", "feed", `there is no column "${column}". Please report this.`);
}

function feedInput(source: Source, port: Port, augment: Augment | undefined): void {
  const { builder, data } = source;
  const column = data.inputs[port.name];
  if (column === undefined) {
    throw new HoneError("Internal", "feed", `nothing feeds input "${port.name}".`);
  }
  const spec = specOf(source, column);
  const shape = builder.shape(port.tensor);
  if (sizeOf(spec.rowShape) !== sizeOf(shape.slice(1))) {
    const which = Object.keys(data.inputs).length > 1 ? ` of "${port.name}"` : "";
    throw new HoneError(
      "ShapeMismatch",
      "data",
      `a row of the data${which} is [${spec.rowShape}], the model takes [${shape.slice(1)}]. Give the model that input shape or reshape the data.`,
    );
  }
  const { dtype } = builder.tensor(port.tensor);
  computedHere(builder, port.tensor);
  if (augment === undefined || (augment.shift === 0 && !augment.flip)) {
    fill(source, column, port.tensor);
    return;
  }
  const gathered = rowsOf(source, column, dtype === "int32" ? "int32" : "float32", shape);
  augmentImages(builder, gathered, port.tensor, spec.rowShape, augment);
}

/** Labels in the tensor that functions were traced with. */
function feedLabelPort(source: Source, port: Port, column: string): number {
  const { builder } = source;
  const { rowShape } = specOf(source, column);
  const known = builder.shape(port.tensor).slice(1);
  if (sizeOf(rowShape) !== sizeOf(known)) {
    throw new HoneError(
      "ShapeMismatch",
      "data",
      `a row of the labels is [${rowShape}], the loss takes [${known}]. Give \`compile\` the \`labelShape\` of the data, or other labels.`,
    );
  }
  computedHere(builder, port.tensor);
  fill(source, column, port.tensor);
  return port.tensor;
}

/** Whole numbers stay whole. */
function labelsOf(source: Source, column: string): number {
  const { dtype, rowShape, scale, offset } = specOf(source, column);
  const whole = dtype !== "float32" && scale === 1 && offset === 0;
  return rowsOf(source, column, whole ? "int32" : "float32", [source.batch, ...rowShape]);
}

/** Writes a column's rows into a tensor that is there already. */
function fill(source: Source, column: string, into: number): void {
  const { builder } = source;
  const { dtype, shape } = builder.tensor(into);
  const direct = canGather(source, column, dtype);
  if (direct && source.rows.from === "resident") {
    const { inputs, attributes } = gatherOf(source, column, dtype, shape);
    builder.opInto("GatherRows", inputs, into, attributes);
    return;
  }
  const rows = rowsOf(source, column, dtype, shape);
  builder.opInto("Identity", [rows], into);
}

/** Whole numbers are gathered as they are; what is scaled becomes whole only afterwards. */
function canGather(source: Source, column: string, dtype: DataType): boolean {
  const spec = specOf(source, column);
  return dtype !== "int32" || (spec.dtype !== "float32" && spec.scale === 1 && spec.offset === 0);
}

/** A column's rows as a tensor of this type and shape. */
function rowsOf(
  source: Source,
  column: string,
  dtype: "float32" | "int32" | DataType,
  shape: Shape,
): number {
  const { builder, rows, batch } = source;
  if (rows.from === "host") return hostRows(source, column, dtype, shape, batch);
  if (canGather(source, column, dtype)) {
    const { inputs, attributes } = gatherOf(source, column, dtype, shape);
    return builder.op("GatherRows", inputs, attributes);
  }
  const { inputs, attributes } = gatherOf(source, column, "float32", shape);
  return builder.op("Cast", [builder.op("GatherRows", inputs, attributes)], { dtype: "int32" });
}

function gatherOf(source: Source, column: string, dtype: DataType, shape: Shape) {
  const { builder, rows } = source;
  const spec = specOf(source, column);
  const resident = builder.persistent(residentBuffer(column), "input", spec.rowShape, {
    dtype: spec.dtype,
    resident: true,
  });
  const { stride, picked } = rows as Extract<RowChoice, { from: "resident" }>;
  const { scale, offset } = spec;
  const attributes: Attributes = { stride, scale, offset, shape: [...shape], dtype };
  return { inputs: [resident, ...picked], attributes };
}

/** What the host has written, scaled already. */
function hostRows(
  source: Source,
  column: string,
  dtype: DataType,
  shape: Shape,
  batch: number,
): number {
  const { builder } = source;
  const spec = specOf(source, column);
  const whole = spec.dtype !== "float32";
  const fed = builder.persistent(
    fedBuffer(column, batch, spec),
    "input",
    [batch, ...spec.rowShape],
    {
      dtype: whole ? "int32" : "float32",
    },
  );
  const wanted = dtype === "int32" ? "int32" : "float32";
  const cast = whole === (wanted === "int32") ? fed : builder.op("Cast", [fed], { dtype: wanted });
  return `${builder.shape(cast)}` === `${shape}`
    ? cast
    : builder.op("Reshape", [cast], { shape: [...shape] });
}
