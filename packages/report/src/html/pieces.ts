/** What a page is put together from. */
import { typedErrors } from "@hone/core";
import { numberText } from "../numbers.js";
import type { Chart, LegendEntry } from "./chart.js";
import { html, type Markup, type MarkupValue } from "./markup.js";

/** A part of a page with a heading of its own. */
export interface Section {
  readonly title: string;
  /** Lower-case words with hyphens, unique in a page; made from the title unless given. */
  readonly id?: string;
  readonly content: readonly Markup[];
}

export function section(title: string, ...content: readonly MarkupValue[]): Section {
  return typedErrors("section", () => {
    return { title, content: content.map((piece) => html`${piece}`) };
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
const longValue = 30;

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
    return html`<dl>${items}</dl>`;
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
}

/** A table that scrolls sideways inside of itself where the page is narrower. */
export function dataTable(table: DataTable): Markup {
  return typedErrors("dataTable", () => {
    const { caption, columns, rows, strong = [] } = table;
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
      return html`<tr${strong.includes(line) ? html` class="strong"` : undefined}>${cells}</tr>\n`;
    });
    const title = caption === undefined ? undefined : html`<caption>${caption}</caption>`;
    return html`<div class="scroll" tabindex="0"><table>${title}<thead><tr>${heads}</tr></thead><tbody>\n${lines}</tbody></table></div>`;
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
      Math.round(chart.width * (chart.width > 440 ? 0.8 : 0.7)),
      Math.round(chart.width * 1.2),
    ];
    const below = caption === undefined ? undefined : html`<p class="caption">${caption}</p>`;
    return html`<figure style="max-width: ${most}px; --hone-least: ${least}px"><figcaption><strong>${chart.title}</strong></figcaption>${legend}<div class="scroll" tabindex="0">${chart.svg}</div>${below}</figure>`;
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
