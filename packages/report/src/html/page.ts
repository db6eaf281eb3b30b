/** One file that holds a whole report: it needs no script, no network, and no other file. */
import { typedErrors } from "@hone/core";
import { html, Markup } from "./markup.js";
import { type ResultFigure, resultFigures, type Section } from "./pieces.js";
import { pageStyle } from "./style.js";

export interface Page {
  readonly title: string;
  /** What kind of report it is, in a word or two: "Training run". */
  readonly kind?: string;
  /** The result in a sentence or two, before everything else. */
  readonly lead?: string | Markup;
  /** The figures that people came for, large, the most wanted first. */
  readonly results?: readonly ResultFigure[];
  readonly sections: readonly Section[];
  /** The last line: what made the page, and from what. */
  readonly foot?: string | Markup;
}

/** Pages with more sections begin with a list of them. */
const mostWithoutContents = 4;

/** The whole file's text. Equal records give equal bytes: put a time into it only as data. */
export function htmlPage(given: Page): string {
  return typedErrors("htmlPage", () => {
    const { title, kind, lead, results = [], sections, foot } = given;
    const named = withIds(sections);
    const contents =
      sections.length <= mostWithoutContents
        ? undefined
        : html`<nav aria-label="Contents"><ul>${named.map(({ id, title: name }) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>\n`;
    const parts = named.map((part) => {
      const head = html`<h2 id="${part.id}-title">${part.title}</h2>`;
      const content = part.content.map((piece) => html`${piece}\n`);
      const whole = part.folded
        ? html`<details><summary>${head}</summary>\n${content}</details>\n`
        : html`${head}\n${content}`;
      return html`<section id="${part.id}" aria-labelledby="${part.id}-title">\n${whole}</section>\n`;
    });
    return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${new Markup(pageStyle)}</style>
</head>
<body>
<main>
<header>
${kind === undefined ? undefined : html`<p class="kind"><strong>Hone</strong> · ${kind}</p>\n`}<h1>${title}</h1>
${lead === undefined ? undefined : html`<p class="lead">${lead}</p>\n`}${results.length === 0 ? undefined : html`${resultFigures(results)}\n`}</header>
${contents}${parts}${foot === undefined ? undefined : html`<footer>${foot}</footer>\n`}</main>
</body>
</html>
`.markup;
  });
}

function withIds(sections: readonly Section[]): readonly (Section & { readonly id: string })[] {
  const taken = new Set<string>();
  return sections.map((one) => {
    const base = one.id ?? slug(one.title);
    let id = base;
    for (let number = 2; taken.has(id); number++) id = `${base}-${number}`;
    taken.add(id);
    return { ...one, id };
  });
}

function slug(title: string): string {
  const words = title.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return `part-${words.join("-")}`;
}
