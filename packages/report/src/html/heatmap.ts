/** Values over two lists of choices: what was tried, and what came out. */
import { typedErrors } from "@hone/core";
import { type Axis, axisLabel, axisText, extentOf, showable } from "./axis.js";
import { drawCells, type GridCell } from "./cell-grid.js";
import type { Chart, ChartSurroundings } from "./chart.js";
import { colour } from "./palette.js";

export interface HeatmapSpec {
  readonly title: string;
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly rowLabel: string;
  readonly columnLabel: string;
  /** `values[row][column]`; what is not finite leaves its cell out. */
  readonly values: readonly (readonly number[])[];
  readonly value: Axis;
}

/** A table of coloured cells, each with its value; the largest value has the full colour. */
export function heatmap(spec: HeatmapSpec, surroundings: ChartSurroundings): Chart {
  return typedErrors("heatmap", () => {
    const { title, rows, columns, rowLabel, columnLabel, values, value } = spec;
    const found = rows.flatMap((_, row) =>
      columns.map((_name, column) => showable(values[row]?.[column], value)),
    );
    const [least, largest] = extentOf(found) ?? [0, 1];
    const [from, to] = [value.from ?? least, value.to ?? largest];
    const texts = found.map((one) => axisText(one, value));
    const widest = Math.max(0, ...texts.map((one) => one.length));
    const cells = found.map((one, index): GridCell => {
      const [row, column] = [Math.floor(index / columns.length), index % columns.length];
      return {
        row,
        column,
        strength: from === to ? middleOf(one) : strengthOf(one, from, to, value),
        heat: "heat-1",
        lines: [texts[index] as string],
        tip: `${rowLabel} ${rows[row]}, ${columnLabel} ${columns[column]}: ${texts[index]}`,
      };
    });
    const range = `from ${axisText(least, value)} to ${axisText(largest, value)}`;
    return drawCells(
      {
        title,
        description: `${axisLabel(value)} by ${rowLabel} and ${columnLabel}, ${range}`,
        legend: [
          {
            name: `${axisLabel(value)}: more is stronger`,
            colour: colour("heat-1"),
            mark: "area",
          },
        ],
      },
      {
        rows,
        columns,
        rowLabel,
        columnLabel,
        cells,
        cellWidth: Math.max(48, widest * 8),
        cellHeight: 34,
      },
      surroundings,
    );
  });
}

/** Where all cells are alike none is strong; a cell without a value has no colour either way. */
function middleOf(one: number): number {
  return Number.isFinite(one) ? 0.5 : Number.NaN;
}

function strengthOf(value: number, from: number, to: number, { scale }: Axis): number {
  const position =
    scale === "log" ? Math.log(value / from) / Math.log(to / from) : (value - from) / (to - from);
  return Number.isNaN(position) ? position : Math.min(Math.max(position, 0), 1);
}
