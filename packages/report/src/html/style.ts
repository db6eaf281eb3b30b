/** The style sheet of every page. */
import { paletteDeclarations } from "./palette.js";

export const pageStyle = `
:root { color-scheme: light dark; ${paletteDeclarations("light")} }
@media (prefers-color-scheme: dark) { :root { ${paletteDeclarations("dark")} } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--hone-paper); color: var(--hone-ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; overflow-wrap: break-word; }
main { max-width: 1120px; margin: 0 auto; padding: 24px 20px 48px; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 8px; text-wrap: balance; }
h2 { font-size: 1.25rem; line-height: 1.3; margin: 0 0 12px; padding-top: 20px; border-top: 1px solid var(--hone-rule); }
h3 { font-size: 1.0625rem; line-height: 1.3; margin: 20px 0 10px; }
section { margin-top: 28px; }
p { margin: 0 0 12px; max-width: 46em; }
a { color: var(--hone-series-1); }
.lead { font-size: 1.125rem; color: var(--hone-muted); }
.note { border-left: 4px solid var(--hone-series-2); padding: 6px 12px; background: var(--hone-shade); }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 16px 0 0; padding: 0; }
footer { margin-top: 40px; padding-top: 12px; border-top: 1px solid var(--hone-rule); color: var(--hone-muted); font-size: .875rem; }
dl { margin: 0 0 16px; display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 320px), 1fr)); gap: 0 28px; }
dl > div { display: flex; gap: 12px; padding: 5px 0; border-bottom: 1px solid var(--hone-rule); }
dl > .wide { grid-column: 1 / -1; }
dt { flex: 0 0 9.5em; color: var(--hone-muted); }
dd { flex: 1 1 0; min-width: 0; margin: 0; font-variant-numeric: tabular-nums; }
pre { margin: 0 0 16px; padding: 10px 12px; background: var(--hone-shade); overflow-x: auto; font-size: .8125rem; line-height: 1.45; }
details { margin: 0 0 16px; }
summary { cursor: pointer; color: var(--hone-muted); }
details[open] > summary { margin-bottom: 10px; }
.scroll { overflow-x: auto; max-width: 100%; }
table { border-collapse: collapse; margin: 0 0 16px; font-size: .9375rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding: 0 0 6px; color: var(--hone-muted); }
th, td { text-align: left; padding: 5px 14px 5px 0; border-bottom: 1px solid var(--hone-rule); vertical-align: top; }
th { font-weight: 400; }
thead th { font-weight: 600; vertical-align: bottom; }
th:last-child, td:last-child { padding-right: 0; }
.figures { text-align: right; white-space: nowrap; }
.strong > * { font-weight: 600; }
figure { margin: 0 0 24px; min-width: 0; }
figcaption { margin-bottom: 6px; font-size: .9375rem; }
.caption { margin: 6px 0 0; font-size: .8125rem; color: var(--hone-muted); }
.row { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr)); gap: 0 36px; align-items: start; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 2px 16px; margin: 0 0 6px; padding: 0; font-size: .8125rem; }
.legend li { display: flex; align-items: center; }
.swatch { flex: none; margin-right: 5px; fill: none; }
.hone-chart { display: block; width: 100%; height: auto; min-width: var(--hone-least, 0); }
.images { list-style: none; display: flex; flex-wrap: wrap; gap: 10px; margin: 0; padding: 0; }
.images li { font-size: .75rem; line-height: 1.3; color: var(--hone-muted); text-align: center; }
.images span { display: block; overflow-wrap: anywhere; }
.images img { display: block; image-rendering: pixelated; background: #000; margin-bottom: 2px; }
@media (max-width: 480px) { main { padding: 16px 14px 40px; } h1 { font-size: 1.4rem; }
  table { font-size: .8125rem; } th, td { padding-right: 9px; } }
@media print {
  :root { color-scheme: light; ${paletteDeclarations("light")} }
  main { max-width: none; padding: 0; }
  nav { display: none; }
  h2 { break-after: avoid; }
  figure, tr, .images li { break-inside: avoid; }
  .scroll { overflow: visible; }
  .hone-chart, .swatch, .images img { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
