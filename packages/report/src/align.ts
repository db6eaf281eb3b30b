/** Cells to lines of equal columns. */
import { typedErrors, visibleText } from "@hone/core";

export type Alignment = "left" | "right";

/** Cuts a text to `width` characters, the last one "…" where something is missing; it is one line after it. */
export function clip(text: string, width: number): string {
  const shown = visibleText(text);
  const characters = [...shown];
  return characters.length <= width ? shown : `${characters.slice(0, width - 1).join("")}…`;
}

/**
 * Lines of aligned columns, two spaces apart, with a rule under the first row.
 * @param given rows, the heading first; all rows as long as `alignments`
 */
export function alignColumns(
  given: readonly (readonly string[])[],
  alignments: readonly Alignment[],
): string {
  return typedErrors("alignColumns", () => {
    // A name with a line feed in it would end its row.
    const rows = given.map((row) => row.map(visibleText));
    const widths = alignments.map((_, column) =>
      Math.max(...rows.map((row) => lengthOf(row[column] ?? ""))),
    );
    const lines = rows.map((row) =>
      alignments
        .map((alignment, column) => pad(row[column] ?? "", widths[column] as number, alignment))
        .join("  ")
        .trimEnd(),
    );
    const rule = widths.map((width) => "─".repeat(width)).join("  ");
    return [lines[0], rule, ...lines.slice(1)].join("\n");
  });
}

function pad(text: string, width: number, alignment: Alignment): string {
  const blank = " ".repeat(width - lengthOf(text));
  return alignment === "left" ? text + blank : blank + text;
}

function lengthOf(text: string): number {
  return [...text].length;
}
