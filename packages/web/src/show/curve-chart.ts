/** A chart of lines over steps, drawn anew without making anything anew; a table beside it holds the same. */
import { drawing, element } from "../element.js";
import type { CurvePoint } from "../training/curve.js";
import { countText } from "./words.js";

const HEIGHT = 200;
const MARGIN = { left: 44, right: 12, top: 12, bottom: 26 };

export interface ChartLine {
  readonly title: string;
  /** A colour's variable, as in `--accent`. */
  readonly colour: string;
  /** Marks at the points, and no line between them where there is but one. */
  readonly marks?: boolean;
}

export interface ChartOptions {
  readonly title: string;
  readonly lines: readonly ChartLine[];
  /** Of the axis of values; by the points unless given. */
  readonly range?: readonly [number, number];
  readonly text: (value: number) => string;
}

export class CurveChart {
  readonly place: HTMLElement;
  readonly #options: ChartOptions;
  readonly #svg = drawing("svg", { role: "img", height: HEIGHT, width: "100%" });
  readonly #paths: readonly SVGPathElement[];
  readonly #marks: readonly SVGPathElement[];
  readonly #grid = drawing("g", { class: "grid" });
  readonly #words = drawing("g", { class: "axis" });
  readonly #watch: ResizeObserver;
  #width = 480;
  #shown: readonly (readonly CurvePoint[])[] = [];
  #steps = 1;

  constructor(options: ChartOptions) {
    this.#options = options;
    const { title, lines } = options;
    this.#paths = lines.map(({ colour }) =>
      drawing("path", { fill: "none", stroke: `var(${colour})`, "stroke-width": 2 }),
    );
    this.#marks = lines.map(({ colour }) => drawing("path", { fill: `var(${colour})` }));
    this.#svg.append(this.#grid, ...this.#paths, ...this.#marks, this.#words);
    const legend = lines.map(({ title: name, colour, marks }) =>
      element(
        "span",
        {},
        element("i", { style: `background:var(${colour})`, class: marks ? "dot" : "line" }),
        name,
      ),
    );
    this.place = element(
      "figure",
      { class: "chart" },
      element(
        "figcaption",
        {},
        element("b", {}, title),
        element("span", { class: "legend" }, ...legend),
      ),
      this.#svg,
    );
    this.#watch = new ResizeObserver(([entry]) => {
      this.#width = Math.max(200, Math.round(entry?.contentRect.width ?? 480));
      this.#draw();
    });
    this.#watch.observe(this.#svg);
    this.#draw();
  }

  /** @param points of each line @param steps the right end of the axis, at least */
  show(points: readonly (readonly CurvePoint[])[], steps: number): void {
    this.#shown = points;
    this.#steps = steps;
    this.#draw();
  }

  close(): void {
    this.#watch.disconnect();
  }

  #draw(): void {
    const width = this.#width;
    this.#svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    const all = this.#shown.flat();
    const last = Math.max(this.#steps, ...all.map(({ step }) => step), 1);
    const [low, high] = this.#options.range ?? rangeOf(all);
    const x = (step: number) => MARGIN.left + (step / last) * (width - MARGIN.left - MARGIN.right);
    const y = (value: number) =>
      HEIGHT -
      MARGIN.bottom -
      ((Math.min(high, Math.max(low, value)) - low) / (high - low)) *
        (HEIGHT - MARGIN.top - MARGIN.bottom);
    this.#drawAxes(x, y, last, low, high);
    this.#options.lines.forEach(({ marks }, at) => {
      const points = (this.#shown[at] ?? []).filter(({ value }) => Number.isFinite(value));
      const places = points.map(({ step, value }) => [x(step), y(value)] as const);
      const line = places.map(
        ([left, top], index) => `${index ? "L" : "M"}${left.toFixed(1)} ${top.toFixed(1)}`,
      );
      this.#paths[at]?.setAttribute("d", line.join(""));
      const dots = places.map(([left, top]) => `M${left - 4} ${top}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0`);
      this.#marks[at]?.setAttribute("d", marks ? dots.join("") : "");
    });
    this.#svg.setAttribute("aria-label", this.#said());
  }

  #drawAxes(
    x: (step: number) => number,
    y: (value: number) => number,
    last: number,
    low: number,
    high: number,
  ): void {
    const values = [0, 0.25, 0.5, 0.75, 1].map((share) => low + share * (high - low));
    const right = this.#width - MARGIN.right;
    this.#grid.replaceChildren(
      ...values.map((value) =>
        drawing("line", { x1: MARGIN.left, x2: right, y1: y(value), y2: y(value) }),
      ),
    );
    const base = HEIGHT - 8;
    this.#words.replaceChildren(
      ...values
        .filter((_, index) => index % 2 === 0)
        .map((value) =>
          drawing(
            "text",
            { x: MARGIN.left - 6, y: y(value) + 4, "text-anchor": "end" },
            this.#options.text(value),
          ),
        ),
      ...this.#stepWords(x(last), base, last),
    );
  }

  /** None before there is a step. */
  #stepWords(right: number, base: number, last: number): readonly SVGTextElement[] {
    if (this.#shown.every((points) => points.length === 0)) return [];
    return [
      drawing("text", { x: MARGIN.left, y: base }, "step 1"),
      drawing("text", { x: right, y: base, "text-anchor": "end" }, countText(last)),
    ];
  }

  /** What the lines have come to, in words. */
  #said(): string {
    const { title, lines, text } = this.#options;
    const ends = lines.flatMap(({ title: name }, at) => {
      const end = this.#shown[at]?.at(-1);
      return end === undefined ? [] : [`${name} ${text(end.value)}`];
    });
    return ends.length === 0 ? `${title}: nothing yet` : `${title}: ${ends.join(", ")}`;
  }
}

/** From 0 to a round number above all but the wildest first values. */
function rangeOf(points: readonly CurvePoint[]): readonly [number, number] {
  const values = points.map(({ value }) => value).filter(Number.isFinite);
  const greatest = Math.max(0, ...values);
  if (greatest === 0) return [0, 1];
  const unit = 10 ** Math.floor(Math.log10(greatest));
  const steps = [1, 2, 2.5, 5, 10].map((factor) => factor * unit);
  return [0, steps.find((step) => step >= greatest) ?? greatest];
}
