/** A table drawn as coloured cells: what heat maps and confusion matrices have in common. */
import { axisX, axisY, cell, type Markish, text } from "@observablehq/plot";
import { emptyMarks } from "./axis.js";
import { clipLabel, labelMargin } from "./bar-chart.js";
import {
  type Chart,
  type ChartSurroundings,
  type ChartWords,
  chartFontSize,
  drawChart,
} from "./chart.js";
import { colour } from "./palette.js";

export interface GridCell {
  readonly row: number;
  readonly column: number;
  /** 0 for the paper's own colour to 1 for the full heat colour; NaN for no cell. */
  readonly strength: number;
  readonly heat: "heat-1" | "heat-2";
  /** Its text, first line first; short, or nothing where cells are too small for any. */
  readonly lines: readonly string[];
  /** What it says when pointed at. */
  readonly tip: string;
}

export interface CellGrid {
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly rowLabel: string;
  readonly columnLabel: string;
  readonly cells: readonly GridCell[];
  readonly cellWidth: number;
  readonly cellHeight: number;
  /** Of the cells' first lines, in pixels. */
  readonly fontSize?: number;
  /** Characters of a head that are shown. */
  readonly labelLength?: number;
  /** Degrees by which heads lean that are wider than their column. */
  readonly slant?: number;
}

/** The room left of the cells, in pixels. */
export function gridMargin(rows: readonly string[], labelLength?: number): number {
  return labelMargin(rows.map((name) => clipLabel(name, labelLength))) + 18;
}

/** Rows from top to bottom, columns headed above; long heads stand at a slant. */
export function drawCells(
  words: ChartWords,
  grid: CellGrid,
  surroundings: ChartSurroundings,
): Chart {
  const { rowLabel, columnLabel, cells, cellWidth, cellHeight, fontSize = 12, slant = 40 } = grid;
  const short = (name: string) => clipLabel(name, grid.labelLength);
  const [rows, columns] = [grid.rows.map(short), grid.columns.map(short)];
  const slanted = columns.some((name) => widthOf(name) > cellWidth - 4);
  const longest = Math.max(0, ...columns.map(widthOf));
  const lean = slanted ? Math.ceil(longest * Math.cos((slant * Math.PI) / 180)) : 0;
  const rise = slanted ? Math.ceil(longest * Math.sin((slant * Math.PI) / 180)) : 0;
  const margins = {
    marginLeft: gridMargin(rows),
    marginRight: Math.max(12, lean - cellWidth / 2 + 8),
    marginTop: 44 + rise,
    marginBottom: 10,
  };
  const shown = cells.filter(({ strength }) => Number.isFinite(strength));
  const place = { x: "column", y: "row" };
  const empty = rows.length === 0 || columns.length === 0;
  return drawChart(
    words,
    {
      width: empty ? 300 : margins.marginLeft + margins.marginRight + columns.length * cellWidth,
      height: empty ? 120 : margins.marginTop + margins.marginBottom + rows.length * cellHeight,
      ...margins,
      x: { type: "band", domain: columns.map((_, index) => index), padding: 0.03 },
      y: { type: "band", domain: rows.map((_, index) => index), padding: 0.03 },
      marks: empty
        ? emptyMarks()
        : [
            axisX({
              anchor: "top",
              label: columnLabel,
              labelAnchor: "left",
              labelArrow: "right",
              labelOffset: 40 + rise,
              tickSize: 0,
              tickFormat: (index: number) => columns[index] ?? "",
              ...(slanted && { tickRotate: -slant }),
            }),
            axisY({
              label: rowLabel,
              labelAnchor: "center",
              labelArrow: "none",
              labelOffset: margins.marginLeft - 10,
              tickSize: 0,
              tickFormat: (index: number) => rows[index] ?? "",
            }),
            // Under each cell, so that a cell of no strength still has an edge.
            cell(shown, { ...place, stroke: colour("line"), fill: "none" }),
            cell(shown, {
              ...place,
              fill: (one: GridCell) => colour(one.heat),
              fillOpacity: { value: "strength", scale: null },
              title: "tip",
            }),
            ...textsOf(shown, fontSize),
          ],
    },
    surroundings,
  );
}

/** One mark for each line of the cells with equally many lines, which stand around the cell's middle. */
function textsOf(cells: readonly GridCell[], fontSize: number): Markish[] {
  const counts = [...new Set(cells.map(({ lines }) => lines.length))];
  return counts.flatMap((count) => {
    const some = cells.filter(({ lines }) => lines.length === count);
    return Array.from({ length: count }, (_, line) =>
      text(some, {
        x: "column",
        y: "row",
        text: (one: GridCell) => one.lines[line] as string,
        dy: (line - (count - 1) / 2) * 14,
        fontSize: line === 0 ? fontSize : fontSize - 1,
        ...(line === 0 && count > 1 && { fontWeight: 600 }),
      }),
    );
  });
}

function widthOf(name: string): number {
  return [...name].length * chartFontSize * 0.58;
}
