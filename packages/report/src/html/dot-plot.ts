/** Leaderboards: one line a contestant, a dot for its figure, a bar for its spread. */
import { typedErrors } from "@hone/core";
import { dot, ruleY, text } from "@observablehq/plot";
import { type Axis, axisLabel, axisText, emptyMarks, scaleOf, showable } from "./axis.js";
import { clipLabel, labelMargin } from "./bar-chart.js";
import {
  type Chart,
  type ChartSurroundings,
  chartFontSize,
  chartWidth,
  drawChart,
} from "./chart.js";
import { colour, seriesColour, type Tone } from "./palette.js";

export interface DotRow {
  readonly name: string;
  readonly value: number;
  /** Ends of its spread. */
  readonly low?: number;
  readonly high?: number;
  /** Rows of one group share a colour. */
  readonly group?: string;
  /** In place of a group's colour, where Hone is compared with others. */
  readonly tone?: Tone;
  /** After its value: a ratio. */
  readonly remark?: string;
}

export interface DotPlotSpec {
  readonly title: string;
  readonly value: Axis;
  /** From top to bottom; what has no finite value keeps its line and says so. */
  readonly rows: readonly DotRow[];
  readonly width?: number;
}

/** Dots over one axis, which need not begin at zero as bars must, with intervals and values. */
export function dotPlot(spec: DotPlotSpec, surroundings: ChartSurroundings): Chart {
  return typedErrors("dotPlot", () => {
    const { title, value, rows, width = chartWidth } = spec;
    // Hone's comes first in the legend, whoever is first in the list.
    const ordered = [...rows].sort((a, b) => rank(a) - rank(b));
    const groups = [...new Set(ordered.map(({ group }) => group ?? ""))];
    const beside = labelMargin(rows.map(({ name }) => name));
    const above = beside > width * mostBeside;
    const marginLeft = above ? 12 : beside;
    const dots = rows.map((row, index) => ({
      index,
      name: row.name,
      value: showable(row.value, value),
      low: showable(row.low, value),
      high: showable(row.high, value),
      colour: seriesColour(groups.indexOf(row.group ?? ""), row.tone),
      text: [axisText(row.value, value), row.remark].filter(Boolean).join(" · "),
    }));
    type Dot = (typeof dots)[number];
    const shown = dots.filter((row) => Number.isFinite(row.value));
    const spreads = shown.filter((row) => Number.isFinite(row.low + row.high));
    const widest = Math.max(0, ...dots.map((row) => row.text.length));
    const marginRight = Math.ceil(widest * chartFontSize * 0.6) + 20;
    const place = { x: "value", y: "index" };
    return drawChart(
      {
        title,
        description: describe(spec),
        legend:
          groups.length < 2
            ? []
            : groups.map((name, index) => ({
                name,
                colour: seriesColour(index, rows.find(({ group = "" }) => group === name)?.tone),
                mark: "dot" as const,
              })),
      },
      {
        width,
        height: 54 + Math.max(rows.length, 2) * (above ? 38 : 26),
        marginLeft,
        marginRight,
        marginTop: 8,
        marginBottom: 40,
        insetLeft: 6,
        insetRight: 6,
        x: {
          ...scaleOf(
            value,
            shown.flatMap((row) => [row.value, row.low, row.high]),
            width - marginLeft - marginRight - 12,
          ),
        },
        y: { type: "point", axis: null, domain: rows.map((_, index) => index), padding: 0.6 },
        marks:
          shown.length === 0
            ? emptyMarks()
            : [
                ruleY(dots, { y: "index", stroke: colour("line") }),
                ruleY(spreads, {
                  x1: "low",
                  x2: "high",
                  y: "index",
                  stroke: (row: Dot) => row.colour,
                  strokeWidth: 6,
                  strokeOpacity: 0.4,
                  strokeLinecap: "round",
                }),
                dot(shown, {
                  ...place,
                  r: 4.5,
                  fill: (row: Dot) => row.colour,
                  title: (row: Dot) => `${row.name}: ${row.text}`,
                }),
                text(dots, {
                  y: "index",
                  text: "text",
                  frameAnchor: "right",
                  textAnchor: "start",
                  dx: 8,
                }),
                text(dots, {
                  y: "index",
                  text: (row: Dot) => clipLabel(row.name),
                  frameAnchor: "left",
                  ...(above
                    ? { textAnchor: "start" as const, dy: -15 }
                    : { textAnchor: "end" as const, dx: -8 }),
                }),
              ],
      },
      surroundings,
    );
  });
}

/** Names stand beside their lines unless they would take more than this of the chart; then above them. */
const mostBeside = 0.33;

function rank({ tone }: DotRow): number {
  return tone === "hone" ? 0 : 1;
}

function describe({ value, rows }: DotPlotSpec): string {
  const parts = rows.map((row) => {
    const spread =
      row.low === undefined || row.high === undefined
        ? ""
        : ` (${axisText(row.low, value)} to ${axisText(row.high, value)})`;
    return `${row.name} ${axisText(row.value, value)}${spread}`;
  });
  return `${axisLabel(value)}; ${parts.join("; ") || "no values"}`;
}
