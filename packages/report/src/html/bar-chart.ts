/** Horizontal bars, one group a category: labels of any length stay readable. */
import { typedErrors } from "@hone/core";
import { barX, ruleX, ruleY, text } from "@observablehq/plot";
import { type Axis, axisLabel, axisText, emptyMarks, scaleOf, showable } from "./axis.js";
import {
  type Chart,
  type ChartSurroundings,
  chartFontSize,
  chartWidth,
  drawChart,
} from "./chart.js";
import { seriesColour } from "./palette.js";

export interface BarSeries {
  readonly name: string;
  /** One a category; what is not finite has no bar. */
  readonly values: readonly number[];
  /** Ends of a spread around each value. */
  readonly low?: readonly number[];
  readonly high?: readonly number[];
}

export interface BarChartSpec {
  readonly title: string;
  readonly categories: readonly string[];
  readonly series: readonly BarSeries[];
  /** The axis of the values. It begins at zero. */
  readonly value: Axis;
  readonly width?: number;
}

interface Bar {
  readonly category: number;
  readonly series: number;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly text: string;
}

/** Grouped horizontal bars with their values at their ends. */
export function barChart(spec: BarChartSpec, surroundings: ChartSurroundings): Chart {
  return typedErrors("barChart", () => {
    const { title, categories, series, value, width = chartWidth } = spec;
    const bars = categories.flatMap((_, category) =>
      series.map((one, index) => barOf(one, category, index, value)),
    );
    const shown = bars.filter((bar) => Number.isFinite(bar.value));
    const thickness = series.length === 1 ? 20 : 16;
    const labels = labelMargin(categories);
    const widest = Math.max(0, ...shown.map((bar) => bar.text.length));
    const marginRight = Math.ceil(widest * chartFontSize * 0.6) + 14;
    const height = 62 + categories.length * (series.length * thickness + 10);
    const place = { x: "value", y: "series", fy: "category" };
    return drawChart(
      {
        title,
        description: describe(spec),
        legend:
          series.length === 1
            ? []
            : series.map(({ name }, index) => ({
                name,
                colour: seriesColour(index),
                mark: "area" as const,
              })),
      },
      {
        width,
        height,
        marginLeft: labels,
        marginRight,
        marginTop: 10,
        marginBottom: 40,
        x: {
          ...scaleOf(
            { from: 0, ...value },
            [
              ...(shown.length > 0 ? [0] : []),
              ...shown.flatMap((bar) => [bar.value, bar.low, bar.high]),
            ],
            width - labels - marginRight,
          ),
        },
        y: { axis: null, padding: 0.05, domain: series.map((_, index) => index) },
        fy: { axis: null, padding: 0.15, domain: categories.map((_, index) => index) },
        marks:
          shown.length === 0
            ? emptyMarks()
            : [
                barX(shown, {
                  ...place,
                  fill: (bar: Bar) => seriesColour(bar.series),
                  title: tell(spec),
                }),
                ruleY(
                  shown.filter((bar) => Number.isFinite(bar.low + bar.high)),
                  { x1: "low", x2: "high", y: "series", fy: "category", strokeWidth: 1.5 },
                ),
                text(shown, {
                  x: (bar: Bar) =>
                    Math.max(bar.value, Number.isFinite(bar.high) ? bar.high : bar.value),
                  y: "series",
                  fy: "category",
                  text: "text",
                  textAnchor: "start",
                  dx: 5,
                }),
                text(categories, {
                  fy: (_: string, index: number) => index,
                  text: (name: string) => clipLabel(name),
                  frameAnchor: "left",
                  textAnchor: "end",
                  dx: -8,
                }),
                ruleX([0]),
              ],
      },
      surroundings,
    );
  });
}

const longestLabel = 28;

/** A category's name, cut where no margin could hold it. */
export function clipLabel(name: string, longest = longestLabel): string {
  const characters = [...name];
  return characters.length <= longest ? name : `${characters.slice(0, longest - 1).join("")}…`;
}

/** The room that labels left of a chart need, in pixels. */
export function labelMargin(names: readonly string[]): number {
  const longest = Math.max(0, ...names.map((name) => [...clipLabel(name)].length));
  return Math.max(36, Math.ceil(longest * chartFontSize * 0.58) + 16);
}

function barOf(series: BarSeries, category: number, index: number, axis: Axis): Bar {
  const value = showable(series.values[category], axis);
  return {
    category,
    series: index,
    value,
    low: showable(series.low?.[category], axis),
    high: showable(series.high?.[category], axis),
    text: axisText(value, axis),
  };
}

function tell({ categories, series }: BarChartSpec): (bar: Bar) => string {
  return (bar) =>
    [categories[bar.category], ...(series.length > 1 ? [series[bar.series]?.name] : []), bar.text]
      .filter((word) => word !== undefined)
      .join(", ");
}

function describe({ categories, series, value }: BarChartSpec): string {
  const parts = categories.slice(0, 20).map((category, index) => {
    const values = series.map((one) => {
      const figure = axisText(one.values[index] ?? Number.NaN, value);
      return series.length > 1 ? `${one.name} ${figure}` : figure;
    });
    return `${category} ${values.join(", ")}`;
  });
  const more = categories.length > 20 ? `; and ${categories.length - 20} more` : "";
  return `${axisLabel(value)}; ${parts.join("; ") || "no values"}${more}`;
}
