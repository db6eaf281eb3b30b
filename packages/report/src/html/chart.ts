/** A chart as text: Observable Plot draws it into whatever document it is given, here it is written out. */
import { type PlotOptions, plot } from "@observablehq/plot";
import { escapeText, Markup } from "./markup.js";

/** The part of a DOM document that drawing needs: a page's own, or linkedom's in Node. */
export interface ChartDocument {
  createElementNS(namespace: string, name: string): unknown;
}

/** Where charts are drawn. */
export interface ChartSurroundings {
  readonly document: ChartDocument;
}

export interface LegendEntry {
  readonly name: string;
  /** As in `palette.ts`: a CSS variable. */
  readonly colour: string;
  readonly mark: "line" | "area" | "dot";
  /** Lengths of dash and gap of a line, in pixels. */
  readonly dash?: string;
}

/** A drawn chart. Equal data give equal text, in Node and in a page. */
export interface Chart {
  readonly title: string;
  /** The chart in words, for those who cannot see it. */
  readonly description: string;
  /** An `<svg>` element whose colours are the page's CSS variables. */
  readonly svg: Markup;
  /** In CSS pixels, at which its text has 12 pixels. */
  readonly width: number;
  readonly height: number;
  readonly legend: readonly LegendEntry[];
  /** The same drawn so small that a phone shows all of it; where there is none, it scrolls there. */
  readonly narrow?: Chart;
}

/** What a phone of 360 pixels has room for in a card. */
export const phoneWidth = 306;

/** Of charts with names beside them, and of those without: what a phone shows at three quarters of it. */
export const chartWidth = 400;
export const curveWidth = 380;
export const chartFontSize = 12;

/** What a chart says of itself, beside what Plot draws. */
export interface ChartWords {
  readonly title: string;
  readonly description: string;
  readonly legend?: readonly LegendEntry[];
}

/** Draws with Plot and writes the result out. */
export function drawChart(
  words: ChartWords,
  options: PlotOptions & { readonly width: number; readonly height: number },
  { document }: ChartSurroundings,
): Chart {
  const { title, description, legend = [] } = words;
  // Plot asks no more of a document than this, whatever its declarations say.
  const drawn = plot({ ...options, document: document as Document, className: "chart" });
  const { width, height } = options;
  const svg =
    `<svg class="chart" role="img" aria-label="${escapeText(`${title}: ${description}`)}" ` +
    `viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" fill="currentColor" ` +
    `font-family="system-ui, sans-serif" font-size="${chartFontSize}" text-anchor="middle">` +
    `${writeChildren(drawn as unknown as DrawnNode)}</svg>`;
  return { title, description, svg: new Markup(svg), width, height, legend };
}

/** What is read of a drawn node; `childNodes` and `attributes` are lists of their own kinds. */
interface DrawnNode {
  readonly nodeType: number;
  readonly localName?: string;
  readonly nodeValue: string | null;
  readonly attributes?: Iterable<{ readonly name: string; readonly value: string }>;
  readonly childNodes: Iterable<DrawnNode>;
}

const elementNode = 1;
const textNode = 3;

/**
 * Documents differ in how they write attributes, so we write: in the order of names, with coordinates
 * rounded to a hundredth of a pixel (engines differ in the last digit of a logarithm).
 */
function write(node: DrawnNode): string {
  if (node.nodeType === textNode) return escapeText(node.nodeValue ?? "");
  const name = node.localName ?? "";
  // Plot's style sheet would give each chart a white background for its own halo.
  if (node.nodeType !== elementNode || name === "style") return "";
  // Plot names its marks for screen readers; but parts of an image have no names, the whole has one.
  const attributes = [...(node.attributes ?? [])]
    .map(({ name, value }) => ({ name: name === "aria-label" ? "data-mark" : name, value }))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .map((attribute) => ` ${attribute.name}="${escapeText(written(attribute))}"`)
    .join("");
  return `<${name}${attributes}>${writeChildren(node)}</${name}>`;
}

function writeChildren(node: DrawnNode): string {
  return [...node.childNodes].map(write).join("");
}

const coordinates =
  /^(d|transform|points|x|y|x1|x2|y1|y2|cx|cy|r|dx|dy|width|height|fill-opacity)$/;

function written({ name, value }: { readonly name: string; readonly value: string }): string {
  if (!coordinates.test(name)) return value;
  return value.replace(/-?\d*\.\d{3,}(e-?\d+)?/g, (number) => `${roundTo(Number(number), 100)}`);
}

function roundTo(value: number, parts: number): number {
  // Adding zero turns -0 into 0.
  return Math.round(value * parts) / parts + 0;
}
