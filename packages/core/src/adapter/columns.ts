/** Checks of a data set: when it is uploaded, and when an entry is to read it. */
import type { Columns } from "../backend.js";
import { HoneError } from "../errors.js";
import { sizeOf } from "../graph/geometry.js";
import type { DataType } from "../graph/types.js";
import type { Operand } from "../plan/program.js";

/** What an entry must know of a column to read rows of it. */
export interface ColumnLayout {
  readonly rowLength: number;
  readonly dtype: DataType;
}

/**
 * The rows that all columns have; 0 without columns.
 * @throws BadData when a row is ragged or the columns differ in rows
 */
export function countRows(columns: Columns): number {
  let rows: number | undefined;
  for (const [name, { data, rowLength }] of Object.entries(columns)) {
    const where = `upload column "${name}"`;
    if (!Number.isInteger(rowLength) || rowLength < 1 || data.length % rowLength !== 0) {
      throw new HoneError(
        "BadData",
        where,
        `${data.length} elements do not make whole rows of ${rowLength}. Check rowLength.`,
      );
    }
    const count = data.length / rowLength;
    rows ??= count;
    if (count !== rows) {
      throw new HoneError(
        "BadData",
        where,
        `it has ${count} rows, another column has ${rows}. Give every column as many rows.`,
      );
    }
  }
  return rows ?? 0;
}

/** The element type of a column's data. */
export function columnType(data: Columns[string]["data"]): DataType {
  if (data instanceof Uint8Array) return "uint8";
  return data instanceof Int32Array ? "int32" : "float32";
}

/** Why `column` cannot be what `operand`, a row of a resident block, reads; undefined when it can. */
export function columnMismatch(operand: Operand, column: ColumnLayout): HoneError | undefined {
  const where = `bind "${operand.block}"`;
  const rowLength = sizeOf(operand.shape);
  if (column.rowLength !== rowLength) {
    return new HoneError(
      "ShapeMismatch",
      where,
      `its rows have ${column.rowLength} elements, the entry reads rows of ${rowLength} ([${operand.shape}]). Bind data of that shape.`,
    );
  }
  if (column.dtype !== operand.dtype) {
    return new HoneError(
      "BadData",
      where,
      `the column holds ${column.dtype}, the entry was made for ${operand.dtype}. Bind data of that type.`,
    );
  }
  return undefined;
}
