/** What a page is put together from. */
import { typedErrors } from "@hone/core";
import { numberText } from "../numbers.js";
import { type Chart, chartWidth, type LegendEntry, phoneWidth } from "./chart.js";
import { html, type Markup, type MarkupValue } from "./markup.js";
import type { Tone } from "./palette.js";

/** A part of a page with a heading of its own. */
export interface Section {
  readonly title: string;
  /** Lower-case words with hyphens, unique in a page; made from the title unless given. */
  readonly id?: string;
  /** Behind its heading until a reader opens it: settings, how it was made. */
  readonly folded?: boolean;
  readonly content: readonly Markup[];
}

export function section(title: string, ...content: readonly MarkupValue[]): Section {
  return typedErrors("section", () => {
    return { title, content: content.map((piece) => html`${piece}`) };
  });
}

/** A section of what not everyone wants to see, closed at first. */
export function foldedSection(title: string, ...content: readonly MarkupValue[]): Section {
  return typedErrors("foldedSection", () => ({ ...section(title, ...content), folded: true }));
}

/** A figure that stands large at the top of a page. */
export interface ResultFigure {
  /** With its unit: "98.9 %". */
  readonly value: string;
  readonly label: string;
  /** A line in small type: of how many, beside what. */
  readonly detail?: string;
}

/** Large figures side by side, the first the largest. */
export function resultFigures(figures: readonly ResultFigure[]): Markup {
  return typedErrors("resultFigures", () => {
    const items = figures.map(({ value, label, detail }, index) => {
      const small = detail === undefined ? undefined : html`<small>${detail}</small>`;
      return html`<div${index === 0 ? html` class="first"` : undefined}><dt>${label}</dt><dd>${value}${small}</dd></div>`;
    });
    return html`<dl class="results">${items}</dl>`;
  });
}

export function paragraph(...content: readonly MarkupValue[]): Markup {
  return typedErrors("paragraph", () => {
    return html`<p>${content}</p>`;
  });
}

/** A warning or a limit that a reader must not miss. */
export function note(...content: readonly MarkupValue[]): Markup {
  return typedErrors("note", () => {
    return html`<p class="note">${content}</p>`;
  });
}

/** Text of fixed width: a command, a log. */
export function preformatted(text: string): Markup {
  return typedErrors("preformatted", () => {
    return html`<pre tabindex="0">${text}</pre>`;
  });
}

/** What not everyone wants to see, behind a line that opens it; printed pages show that line alone. */
export function details(summary: string, ...content: readonly MarkupValue[]): Markup {
  return typedErrors("details", () => {
    return html`<details><summary>${summary}</summary>${content}</details>`;
  });
}

/** Values with more characters have a line of their own. */
const longValue = 44;

/** Names with their values: settings, a machine, a result. `undefined` is left out, numbers stay as they are. */
export function definitionList(
  entries: Readonly<Record<string, string | number | Markup | undefined>>,
): Markup {
  return typedErrors("definitionList", () => {
    const items = Object.entries(entries)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => {
        const text = typeof value === "number" ? `${value}` : value;
        const long = (typeof text === "string" ? text : (text?.markup ?? "")).length > longValue;
        return html`<div${long ? html` class="wide"` : undefined}><dt>${name}</dt><dd>${text}</dd></div>`;
      });
    return html`<dl class="settings">${items}</dl>`;
  });
}

export type Cell = string | number | Markup | undefined;

export interface TableColumn {
  readonly head: string;
  /** Figures stand to the right: the default for columns with a number in them. */
  readonly align?: "left" | "right";
  /** How numbers are written; `numberText` unless given. */
  readonly text?: (value: number) => string;
}

export interface DataTable {
  readonly caption?: string;
  readonly columns: readonly (TableColumn | string)[];
  /** As long as `columns`; the first cell of a row is its heading. */
  readonly rows: readonly (readonly Cell[])[];
  /** Indices of rows to be seen first: a winner, a total. */
  readonly strong?: readonly number[];
  /** Whose row it is, for each row, where Hone is compared with others. */
  readonly tones?: readonly (Tone | undefined)[];
}

/** A table that scrolls sideways inside of itself where the page is narrower. */
export function dataTable(table: DataTable): Markup {
  return typedErrors("dataTable", () => {
    const { caption, columns, rows, strong = [], tones = [] } = table;
    const given = columns.map((column) => (typeof column === "string" ? { head: column } : column));
    const classes = given.map(({ align }: TableColumn, index) => {
      const figures = rows.some((row) => typeof row[index] === "number");
      return (align ?? (figures ? "right" : "left")) === "right"
        ? html` class="figures"`
        : undefined;
    });
    const heads = given.map(
      ({ head }, index) => html`<th scope="col"${classes[index]}>${head}</th>`,
    );
    const lines = rows.map((row, line) => {
      const cells = given.map((column: TableColumn, index) => {
        const value = cellText(row[index], column.text);
        return index === 0
          ? html`<th scope="row"${classes[index]}>${value}</th>`
          : html`<td${classes[index]}>${value}</td>`;
      });
      const marks = [strong.includes(line) ? "strong" : undefined, tones[line]].filter(Boolean);
      return html`<tr${marks.length > 0 ? html` class="${marks.join(" ")}"` : undefined}>${cells}</tr>\n`;
    });
    const title = caption === undefined ? undefined : html`<caption>${caption}</caption>`;
    return html`<div class="scroll card" role="group" aria-label="${caption ?? "Table"}" tabindex="0"><table>${title}<thead><tr>${heads}</tr></thead><tbody>\n${lines}</tbody></table></div>`;
  });
}

export interface FigureOptions {
  /** Under the chart: what to see, how it was measured. */
  readonly caption?: string | Markup;
}

/** A chart with its title, legend and caption. */
export function figure(chart: Chart, options: FigureOptions = {}): Markup {
  return typedErrors("figure", () => {
    const { caption } = options;
    const legend =
      chart.legend.length === 0
        ? undefined
        : html`<ul class="legend">${chart.legend.map((entry) => html`<li>${swatch(entry)}${entry.name}</li>`)}</ul>`;
    // Charts grow a little beyond their size, and shrink until their text would be too small to read.
    const [least, most] = [
      Math.round(chart.width * (chart.width > chartWidth ? 0.8 : 0.76)),
      Math.round(chart.width * 1.35),
    ];
    const hint =
      least > phoneWidth && chart.narrow === undefined
        ? html`<p class="hint">Wider than this page: scroll it sideways.</p>`
        : undefined;
    const scroll = html`<div class="scroll" role="group" aria-label="${chart.title}" tabindex="0">${chart.svg}</div>`;
    const drawn =
      chart.narrow === undefined
        ? scroll
        : html`<div class="on-desks">${scroll}</div><div class="on-phones">${chart.narrow.svg}</div>`;
    const below = caption === undefined ? undefined : html`<p class="caption">${caption}</p>`;
    return html`<figure style="--most: ${most}px; --least: ${least}px"><figcaption><strong>${chart.title}</strong></figcaption>${legend}${drawn}${hint}${below}</figure>`;
  });
}

/** Figures side by side where there is room. */
export function figureRow(...figures: readonly Markup[]): Markup {
  return typedErrors("figureRow", () => {
    return html`<div class="row">${figures}</div>`;
  });
}

function swatch({ colour, mark, dash }: LegendEntry): Markup {
  const shapes = {
    line: html`<path d="M0 6H18" stroke="${colour}" stroke-width="3"${dash && html` stroke-dasharray="${dash}"`}/>`,
    area: html`<rect x="2" width="12" height="12" y="0" fill="${colour}"/>`,
    dot: html`<circle cx="9" cy="6" r="5" fill="${colour}"/>`,
  };
  return html`<svg class="swatch" aria-hidden="true" width="18" height="12" viewBox="0 0 18 12">${shapes[mark]}</svg>`;
}

function cellText(value: Cell, text: (value: number) => string = numberText): MarkupValue {
  if (typeof value !== "number") return value;
  return Number.isNaN(value) ? "–" : text(value);
}
