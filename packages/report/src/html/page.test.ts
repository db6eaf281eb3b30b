import { decode } from "fast-png";
import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import {
  confusionChart,
  dataTable,
  definitionList,
  details,
  figure,
  figureRow,
  greyPng,
  html,
  htmlPage,
  imageGrid,
  lineChart,
  note,
  paragraph,
  preformatted,
  section,
} from "./kit.js";

const hostile = `"><script src=http://x>alert('1')</script>&`;

function fullPage(): string {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const series = [{ name: hostile, y: [1, 2, 3] }];
  const line = { title: hostile, x: { label: hostile }, y: { label: hostile }, series };
  const chart = lineChart(line, { document });
  const confusion = { title: "c", confusion: [[1]], classNames: [hostile] };
  const image = { width: 2, height: 1, pixels: [0, 255], alt: hostile, labels: [hostile] };
  return htmlPage({
    title: hostile,
    lead: hostile,
    foot: hostile,
    sections: [
      section(
        hostile,
        paragraph(hostile, 3, undefined),
        note(hostile),
        definitionList({ [hostile]: hostile, left: undefined, rate: 0.001 }),
        dataTable({ caption: hostile, columns: [hostile, "n"], rows: [[hostile, 1234.5]] }),
      ),
      section("Charts", figureRow(figure(chart, { caption: hostile }))),
      section("Charts", figure(confusionChart(confusion, { document }))),
      section("Images", imageGrid([image], { title: hostile, caption: hostile })),
      section("More", details(hostile, preformatted(hostile))),
    ],
  });
}

test("a page runs nothing and loads nothing, whatever its data say", () => {
  const text = fullPage();
  const { document } = parseHTML(text);
  expect(document.querySelectorAll("script, link, iframe, object, foreignObject")).toHaveLength(0);
  for (const element of document.querySelectorAll("*")) {
    for (const { name, value } of element.attributes) {
      expect(name).not.toMatch(/^on/);
      if (/^(src|href|xlink:href)$/.test(name))
        expect(value).toMatch(/^(#|data:image\/png;base64,)/);
    }
  }
  expect(document.querySelector("style")?.textContent).not.toMatch(/url\(|@import/);
  expect(text).toContain("default-src 'none'");
  expect(text).not.toContain("<script");
});

test("a page shows hostile text as the text it is", () => {
  const { document } = parseHTML(fullPage());
  for (const place of [
    "title",
    "h1",
    ".lead",
    "h2",
    ".note",
    "dt",
    "dd",
    "caption",
    "th",
    "tbody th",
  ]) {
    expect(document.querySelector(place)?.textContent, place).toBe(hostile);
  }
  for (const place of [
    "figcaption strong",
    ".legend li",
    ".images span",
    "summary",
    "pre",
    "footer",
  ]) {
    expect(document.querySelector(place)?.textContent, place).toBe(hostile);
  }
  expect(document.querySelector("img")?.getAttribute("alt")).toBe(hostile);
});

test("a page follows the system into dark, fits a phone, and prints in light", () => {
  const text = fullPage();
  expect(text).toContain('<meta name="viewport" content="width=device-width, initial-scale=1">');
  expect(text).toContain("color-scheme: dark;");
  expect(text).toContain("@media screen and (prefers-color-scheme: dark)");
  expect(text).toMatch(/@media print/);
  const used = [...text.matchAll(/var\((--[a-z0-9-]+)/g)].map(([, name]) => name);
  // The least width is each figure's own.
  for (const name of new Set(used)) expect(text).toContain(`${name}: `);
});

test("many sections get a list of contents whose links lead to them", () => {
  const { document } = parseHTML(fullPage());
  const targets = [...document.querySelectorAll("nav a")].map((link) => link.getAttribute("href"));
  expect(targets).toHaveLength(5);
  expect(new Set(targets).size).toBe(5);
  for (const target of targets) {
    expect(document.getElementById((target as string).slice(1))?.localName).toBe("section");
  }
  const short = htmlPage({ title: "t", sections: [section("One", paragraph("text"))] });
  expect(parseHTML(short).document.querySelector("nav")).toBeNull();
});

test("numbers in tables stand to the right and are written as columns say; nothing known is a dash", () => {
  const table = dataTable({
    columns: ["class", "rows", { head: "recall", text: (value) => `${100 * value} %` }, "note"],
    rows: [
      ["cat", 12345, 0.5, html`<b>x</b>`],
      ["dog", Number.NaN, undefined, "y"],
    ],
    strong: [1],
  });
  const { document } = parseHTML(`<html><body>${table.markup}</body></html>`);
  const cells = [...document.querySelectorAll("td")].map((cell) => cell.innerHTML);
  expect(cells).toEqual(["12,345", "50 %", "<b>x</b>", "–", "", "y"]);
  expect([...document.querySelectorAll("td.figures")]).toHaveLength(4);
  expect(document.querySelector("tr.strong th")?.textContent).toBe("dog");
});

test("settings are written as they are, and markup is not escaped twice", () => {
  const list = definitionList({ rate: 0.001, seed: 12345, where: html`<i>${"a & b"}</i>` });
  expect(list.markup).toContain("<dd>0.001</dd>");
  expect(list.markup).toContain("<dd>12345</dd>");
  expect(list.markup).toContain("<dd><i>a &amp; b</i></dd>");
});

test("grey pictures decode to their pixels, stretched over the range they are given", () => {
  const image = { width: 3, height: 2, pixels: [0, 1, 2, 127.6, 254, 255] };
  expect([...decode(greyPng(image)).data]).toEqual([0, 1, 2, 128, 254, 255]);
  const { width, height, channels, data } = decode(
    greyPng({ width: 2, height: 2, pixels: new Float32Array([-1, 0, 1, Number.NaN]) }, [-1, 1]),
  );
  expect([width, height, channels, ...data]).toEqual([2, 2, 1, 0, 128, 255, 0]);
  expect(() => greyPng({ width: 2, height: 2, pixels: [1] })).toThrow(
    "[hone] greyPng: 1 pixels were given for 2 × 2. Give one for each place.",
  );
});

test("equal records give equal bytes", () => {
  expect(fullPage()).toBe(fullPage());
});
