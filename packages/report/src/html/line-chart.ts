/** Curves: losses, accuracies, learning rates over epochs or steps. */
import { typedErrors } from "@hone/core";
import { areaY, dot, frame, lineY, type Markish } from "@observablehq/plot";
import { type Axis, axisLabel, axisText, emptyMarks, extentOf, scaleOf, showable } from "./axis.js";
import { type Chart, type ChartSurroundings, curveWidth, drawChart } from "./chart.js";
import { seriesColour, seriesCount, type Tone } from "./palette.js";

export interface Series {
  readonly name: string;
  /** Where the values stand; 1, 2, 3, … unless given. */
  readonly x?: readonly number[];
  /** What is not finite leaves a gap. */
  readonly y: readonly number[];
  /** The lower and upper end of a spread at each value, drawn as a band. */
  readonly low?: readonly number[];
  readonly high?: readonly number[];
  /** In place of a colour of its own, where Hone is compared with others. */
  readonly tone?: Tone;
}

export interface LineChartSpec {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
  /** "points" makes a scatter plot. Short lines have points as well. */
  readonly draw?: "lines" | "points";
  readonly width?: number;
  readonly height?: number;
}

interface Point {
  readonly x: number;
  readonly y: number;
  readonly low: number;
  readonly high: number;
}

const margins = { marginLeft: 52, marginRight: 20, inset: 6 };
const mostDots = 40;
const dashes = [undefined, "6 3", "2 3", "8 3 2 3"] as const;

/** Several curves over one axis; a series' points tell their values when pointed at. */
export function lineChart(spec: LineChartSpec, surroundings: ChartSurroundings): Chart {
  return typedErrors("lineChart", () => {
    const { title, x, y, series, draw = "lines", width = curveWidth, height = 240 } = spec;
    const drawn = series.map((one) => pointsOf(one, spec));
    const shown = drawn.flat().filter((point) => Number.isFinite(point.x + point.y));
    const marks = drawn.flatMap((points, index) => marksOf(points, index, spec));
    const scale = scaleOf(
      x,
      shown.map((point) => point.x),
      width - margins.marginLeft - margins.marginRight - 2 * margins.inset,
    );
    return drawChart(
      {
        title,
        description: describe(spec, drawn),
        legend: series.map(({ name, tone }, index) => ({
          name,
          colour: seriesColour(index, tone),
          mark: draw === "points" ? "dot" : "line",
          ...(dashOf(index) && { dash: dashOf(index) as string }),
        })),
      },
      {
        width,
        height,
        ...margins,
        marginTop: 28,
        marginBottom: 40,
        x: {
          ...scale,
          grid: false,
          ...(x.scale !== "log" && { nice: false, ...wholeTicks(shown) }),
        },
        y: scaleOf(
          y,
          shown.flatMap((point) => [point.y, point.low, point.high]),
        ),
        marks: shown.length > 0 ? [frame({ anchor: "bottom" }), ...marks] : emptyMarks(),
      },
      surroundings,
    );
  });
}

/**
 * A long series in at most `most` points: each the mean of as many neighbours, with their least and
 * largest as its spread. Means leave out what is not finite; a point of nothing else is a gap.
 */
export function thinSeries(name: string, values: readonly number[], most = 240): Series {
  return typedErrors("thinSeries", () => {
    if (values.length <= most) return { name, y: values };
    const size = Math.ceil(values.length / most);
    const groups = Array.from({ length: Math.ceil(values.length / size) }, (_, index) =>
      values.slice(index * size, (index + 1) * size),
    );
    const ranges = groups.map(extentOf);
    return {
      name: `${name}, mean and range of ${size} at a time`,
      x: groups.map((group, index) => index * size + (group.length + 1) / 2),
      y: groups.map((group) => {
        const finite = group.filter(Number.isFinite);
        return finite.reduce((sum, value) => sum + value, 0) / finite.length;
      }),
      low: ranges.map((range) => range?.[0] ?? Number.NaN),
      high: ranges.map((range) => range?.[1] ?? Number.NaN),
    };
  });
}

function pointsOf({ x, y, low, high }: Series, spec: LineChartSpec): readonly Point[] {
  return y.map((value, index) => ({
    x: showable(x === undefined ? index + 1 : x[index], spec.x),
    y: showable(value, spec.y),
    low: showable(low?.[index], spec.y),
    high: showable(high?.[index], spec.y),
  }));
}

function marksOf(points: readonly Point[], index: number, spec: LineChartSpec): Markish[] {
  const stroke = seriesColour(index, spec.series[index]?.tone);
  const strokeDasharray = dashOf(index);
  const place = { x: "x", y: "y" };
  const marks: Markish[] = [];
  if (points.some(({ low, high }) => Number.isFinite(low + high))) {
    marks.push(areaY(points, { x: "x", y1: "low", y2: "high", fill: stroke, fillOpacity: 0.2 }));
  }
  const onlyPoints = spec.draw === "points";
  if (!onlyPoints) {
    marks.push(
      lineY(points, {
        ...place,
        stroke,
        strokeWidth: 2,
        ...(strokeDasharray && { strokeDasharray }),
      }),
    );
  }
  if (onlyPoints || points.length <= mostDots) {
    const name = spec.series[index]?.name ?? "";
    const title = ({ x, y }: Point) =>
      `${name}: ${axisText(y, spec.y)} at ${spec.x.label} ${axisText(x, spec.x)}`;
    marks.push(dot(points, { ...place, fill: stroke, r: 3, title }));
  }
  return marks;
}

/** Epochs are whole: no ticks between them. */
function wholeTicks(points: readonly Point[]): { ticks?: number[]; tickFormat?: string } {
  const [from, to] = extentOf(points.map(({ x }) => x)) ?? [0, 100];
  if (to - from > 12 || !points.every(({ x }) => Number.isInteger(x))) return {};
  const ticks = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  return { ticks, tickFormat: "d" };
}

function dashOf(index: number): string | undefined {
  return dashes[Math.floor(index / seriesCount) % dashes.length];
}

function describe({ x, y, series }: LineChartSpec, drawn: readonly (readonly Point[])[]): string {
  const parts = series.map(({ name }, index) => {
    const finite = (drawn[index] ?? []).filter((point) => Number.isFinite(point.x + point.y));
    const [first, last] = [finite[0], finite.at(-1)];
    if (first === undefined || last === undefined) return `${name} has no values`;
    return `${name} from ${axisText(first.y, y)} to ${axisText(last.y, y)}`;
  });
  return `${axisLabel(y)} by ${axisLabel(x)}; ${parts.join("; ") || "no series"}`;
}
