/** A chart as a file of its own. */
import { typedErrors } from "@hone/core";
import type { Shades } from "../theme.js";
import { type Chart, chartFontSize, type LegendEntry } from "./chart.js";
import { escapeText } from "./markup.js";
import { resolveColours } from "./palette.js";

const padding = 16;
const titleHeight = 26;
const legendLine = 18;

/**
 * The text of an `.svg` file that any viewer shows as the page would: title, legend, chart, and a
 * background, with plain colours where pages have variables.
 */
export function standaloneSvg(chart: Chart, theme: keyof Shades = "light"): string {
  return typedErrors("standaloneSvg", () => {
    const legend = layLegend(chart.legend, chart.width);
    const top = padding + titleHeight + legend.lines * legendLine;
    const [width, height] = [chart.width + 2 * padding, top + chart.height + padding];
    const text =
      `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="${escapeText(`${chart.title}: ${chart.description}`)}" ` +
      `viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
      `fill="currentColor" font-family="system-ui, sans-serif" font-size="${chartFontSize}">\n` +
      `<rect width="${width}" height="${height}" fill="var(--surface)"/>\n` +
      `<text x="${padding}" y="${padding + 12}" font-size="15" font-weight="600">${escapeText(chart.title)}</text>\n` +
      `${legend.markup}${chart.svg.markup.replace("<svg ", `<svg x="${padding}" y="${top}" `)}\n</svg>\n`;
    return resolveColours(text, theme);
  });
}

function layLegend(
  entries: readonly LegendEntry[],
  width: number,
): { readonly markup: string; readonly lines: number } {
  let [x, line] = [0, 0];
  const items = entries.map((entry) => {
    const space = 24 + entry.name.length * chartFontSize * 0.58 + 18;
    if (x > 0 && x + space > width) [x, line] = [0, line + 1];
    const [left, middle] = [padding + x, padding + titleHeight + line * legendLine + 4];
    x += space;
    return `${mark(entry, left, middle)}<text x="${left + 24}" y="${middle + 4}">${escapeText(entry.name)}</text>\n`;
  });
  return { markup: items.join(""), lines: entries.length === 0 ? 0 : line + 1 };
}

function mark({ mark: shape, colour, dash }: LegendEntry, x: number, y: number): string {
  if (shape === "dot") return `<circle cx="${x + 9}" cy="${y}" r="5" fill="${colour}"/>`;
  if (shape === "area") {
    return `<rect x="${x + 3}" y="${y - 6}" width="12" height="12" fill="${colour}"/>`;
  }
  const dashes = dash === undefined ? "" : ` stroke-dasharray="${dash}"`;
  return `<path d="M${x} ${y}h18" stroke="${colour}" stroke-width="3"${dashes}/>`;
}
