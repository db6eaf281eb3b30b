/** Cells to lines of equal columns. */
import { typedErrors, visibleText } from "@hone/core";

export type Alignment = "left" | "right";

/** Cuts a text to `width` characters, the last one "…" where something is missing; it is one line after it. */
export function clip(text: string, width: number): string {
  return typedErrors("clip", () => {
    const shown = visibleText(text);
    const characters = [...shown];
    return characters.length <= width ? shown : `${characters.slice(0, width - 1).join("")}…`;
  });
}

/** Characters that a line of text may have: what a terminal is wide. */
export const textWidth = 80;

export interface ColumnOptions {
  /** How many of the first columns say what a row is. */
  readonly keys?: number;
  readonly width?: number;
}

/**
 * Lines of aligned columns, two spaces apart, with a rule under the first row. Columns that have no room in `width`
 * characters go on in a further table below, with the key columns again.
 * @param given rows, the heading first; all rows as long as `alignments`
 */
export function alignColumns(
  given: readonly (readonly string[])[],
  alignments: readonly Alignment[],
  options: ColumnOptions = {},
): string {
  return typedErrors("alignColumns", () => {
    const { keys = 1, width = textWidth } = options;
    // A name with a line feed in it would end its row.
    const rows = given.map((row) => row.map(visibleText));
    const widths = alignments.map((_, column) =>
      Math.max(...rows.map((row) => lengthOf(row[column] ?? ""))),
    );
    return partsOf(widths, keys, width)
      .map((columns) => tableOf(rows, columns, widths, alignments))
      .join("\n\n");
  });
}

/** Which columns stand in which table. */
function partsOf(widths: readonly number[], keys: number, width: number): readonly number[][] {
  const heads = [...widths.keys()].slice(0, keys);
  const lengthWith = (columns: readonly number[]) =>
    columns.reduce((sum, column) => sum + 2 + (widths[column] as number), -2);
  const parts = [[...heads]];
  for (let column = keys; column < widths.length; column++) {
    const part = parts.at(-1) as number[];
    if (part.length > keys && lengthWith([...part, column]) > width) parts.push([...heads, column]);
    else part.push(column);
  }
  return parts;
}

function tableOf(
  rows: readonly (readonly string[])[],
  columns: readonly number[],
  widths: readonly number[],
  alignments: readonly Alignment[],
): string {
  const lines = rows.map((row) =>
    columns
      .map((column) =>
        pad(row[column] ?? "", widths[column] as number, alignments[column] as Alignment),
      )
      .join("  ")
      .trimEnd(),
  );
  const rule = columns.map((column) => "─".repeat(widths[column] as number)).join("  ");
  return [lines[0], rule, ...lines.slice(1)].join("\n");
}

function pad(text: string, width: number, alignment: Alignment): string {
  const blank = " ".repeat(width - lengthOf(text));
  return alignment === "left" ? text + blank : blank + text;
}

function lengthOf(text: string): number {
  return [...text].length;
}
