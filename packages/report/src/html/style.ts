/** The style sheet of every page. */
import { paletteCss } from "./palette.js";

/**
 * What is wider than its card scrolls inside of it, and a shadow at an edge says that there is more beyond: covers that
 * move with the content hide a shadow which stays with the box.
 */
const scrollHints = `
.scroll { overflow-x: auto; max-width: 100%; --shadow: color-mix(in srgb, var(--ink) 30%, transparent);
  background: linear-gradient(90deg, var(--surface) 40%, transparent) left / 48px 100% no-repeat local,
    linear-gradient(270deg, var(--surface) 40%, transparent) right / 48px 100% no-repeat local,
    linear-gradient(90deg, var(--shadow), transparent) left / 16px 100% no-repeat scroll,
    linear-gradient(270deg, var(--shadow), transparent) right / 16px 100% no-repeat scroll, var(--surface); }
.hint, .on-phones { display: none; }
@media screen and (max-width: 640px) { .on-desks { display: none; } .on-phones { display: block; } .on-phones > .chart { min-width: 0; } .hint { display: block; margin: 4px 0 0; font-size: .75rem; color: var(--muted); } }
`;

export const pageStyle = `
${paletteCss}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.5 var(--sans); overflow-wrap: break-word; }
main { max-width: 1320px; margin: 0 auto; padding: 28px 24px 56px; }
.kind { margin: 0 0 4px; font-size: .8125rem; font-weight: 600; color: var(--muted); }
.kind strong { color: var(--accent); letter-spacing: .01em; }
h1 { font-size: clamp(1.5rem, 1.1rem + 1.8vw, 2.25rem); line-height: 1.15; letter-spacing: -.015em; margin: 0 0 8px; text-wrap: balance; }
h2 { font-size: 1.25rem; line-height: 1.3; letter-spacing: -.005em; margin: 0 0 12px; }
h3 { font-size: 1.0625rem; line-height: 1.3; margin: 20px 0 10px; }
section { margin-top: 36px; scroll-margin-top: 12px; }
p { margin: 0 0 12px; max-width: 62em; }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: 4px; }
.lead { font-size: 1.125rem; color: var(--muted); text-wrap: pretty; }
.note { border-left: 4px solid var(--warn); border-radius: 4px; padding: 8px 14px; background: var(--surface); max-width: none; }
.results { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 190px), 1fr)); gap: 12px; margin: 20px 0 8px; }
.results > div { display: flex; flex-direction: column; gap: 2px; padding: 14px 18px; border: 1px solid var(--line);
  border-radius: 12px; background: var(--surface); min-width: 0; }
.results dt { flex: none; font-size: .875rem; color: var(--muted); }
.results dd { flex: none; font-size: 1.625rem; line-height: 1.2; font-weight: 650; letter-spacing: -.02em; font-variant-numeric: tabular-nums; }
.results small { display: block; font-size: .875rem; line-height: 1.4; font-weight: 400; letter-spacing: 0; color: var(--muted); }
.results > .first { border-top: 4px solid var(--accent); padding-top: 11px; }
.results > .first dd { font-size: 2.25rem; color: var(--accent); }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 20px; margin: 16px 0 0; padding: 0; font-size: .9375rem; }
footer { margin-top: 40px; padding-top: 12px; border-top: 1px solid var(--line); color: var(--muted); font-size: .875rem; }
dl { margin: 0 0 16px; display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 340px), 1fr)); gap: 0 32px; }
dl.settings > div { display: flex; gap: 12px; padding: 6px 0; border-bottom: 1px solid var(--line); }
dl > .wide { grid-column: 1 / -1; }
dt { flex: 0 0 9.5em; color: var(--muted); }
dd { flex: 1 1 0; min-width: 0; margin: 0; font-variant-numeric: tabular-nums; }
pre { margin: 0 0 16px; padding: 12px 14px; border: 1px solid var(--line); border-radius: 8px; background: var(--surface); overflow-x: auto;
  font: .8125rem/1.45 var(--mono); }
details { margin: 0 0 16px; }
summary { cursor: pointer; color: var(--muted); width: fit-content; }
summary h2 { display: inline; color: var(--ink); }
details[open] > summary { margin-bottom: 12px; }
section > details { border-top: 1px solid var(--line); padding-top: 16px; margin: 0; }
section:has(> details) + section:has(> details) { margin-top: 16px; }
${scrollHints}
.card, figure { border: 1px solid var(--line); border-radius: 12px; padding: 14px 18px; background-color: var(--surface); margin: 0 0 20px; min-width: 0; }
.card { padding-block: 8px; }
table { border-collapse: collapse; font-size: .9375rem; font-variant-numeric: tabular-nums; }
.card > table { min-width: 100%; }
caption { text-align: left; padding: 6px 0; color: var(--muted); }
th, td { text-align: left; padding: 6px 16px 6px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
tbody tr:last-child > * { border-bottom: 0; }
th { font-weight: 400; } tbody th { min-width: 6.5em; }
thead th { font-weight: 600; vertical-align: bottom; color: var(--muted); font-size: .875rem; }
th:last-child, td:last-child { padding-right: 0; }
.figures { text-align: right; white-space: nowrap; }
.strong > * { font-weight: 600; }
.hone > th:first-child { color: var(--accent); font-weight: 600; }
.rival > th:first-child { color: var(--rival); }
figcaption { margin-bottom: 8px; font-size: .9375rem; }
figure .scroll { margin-inline: auto; }
.caption { margin: 8px 0 0; font-size: .8125rem; line-height: 1.45; color: var(--muted); }
.row { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 380px), 1fr)); gap: 0 20px; align-items: start; }
.row:has(> :nth-child(4):last-child) { grid-template-columns: repeat(auto-fit, minmax(min(100%, 480px), 1fr)); }
.row th, .row td { padding-right: 10px; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 2px 16px; margin: 0 0 6px; padding: 0; font-size: .8125rem; }
.legend li { display: flex; align-items: center; }
.swatch { flex: none; margin-right: 5px; fill: none; }
.chart { display: block; width: 100%; height: auto; min-width: var(--least, 0); margin-inline: auto; max-width: var(--most, none); }
.images { list-style: none; display: flex; flex-wrap: wrap; gap: 12px; margin: 0; padding: 0; }
.images li { font-size: .75rem; line-height: 1.3; color: var(--muted); text-align: center; }
.images span { display: block; overflow-wrap: anywhere; }
.images img { display: block; image-rendering: pixelated; background: #000; margin-bottom: 3px; border-radius: 4px; }
@media (max-width: 640px) { main { padding: 18px 14px 40px; } section { margin-top: 28px; }
  .results { grid-template-columns: 1fr 1fr; gap: 8px; } .results > div { padding: 10px 12px; } .results > .first, .results > :last-child:nth-child(even) { grid-column: 1 / -1; }
  .results dd { font-size: 1.25rem; } .card, figure { padding-inline: 12px; }
  table { font-size: .8125rem; } th, td { padding-right: 10px; } }
@media print {
  main { max-width: none; padding: 0; }
  nav { display: none; }
  h2 { break-after: avoid; }
  figure, tr, .images li, .results > div { break-inside: avoid; }
  .scroll { overflow: visible; }
  .chart, .swatch, .images img { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
