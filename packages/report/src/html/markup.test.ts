import { expect, test } from "vitest";
import { html, Markup, type MarkupValue } from "./markup.js";

const refresh = '<meta http-equiv="refresh" content="0; url=http://x">';
// biome-ignore lint/suspicious/noExplicitAny: what a file of another can hold.
const given = (value: any) => html`<p>${value as MarkupValue}</p>`.markup;

test("nothing that JSON or plain objects can say passes for markup", () => {
  const forged = [
    { markup: refresh },
    JSON.parse(JSON.stringify({ markup: refresh, "#text": refresh })),
    Object.assign(Object.create(Markup.prototype), { x: refresh }),
    [{ markup: refresh }],
    structuredClone({ markup: refresh, map: refresh }),
    { toString: () => refresh, map: () => [refresh] },
    new String(refresh),
    { ...html`<b>x</b>`, markup: refresh },
  ];
  for (const value of forged) expect(given(value)).not.toMatch(/<(?!\/?p>)/);
  expect(given({ markup: "<b>" })).toBe("<p>{&quot;markup&quot;:&quot;&lt;b&gt;&quot;}</p>");
});

test("what is neither text nor markup is written as JSON, whatever it is", () => {
  expect([null, true, { a: 1 }, [null, 1]].map(given)).toEqual([
    "<p>null</p>",
    "<p>true</p>",
    "<p>{&quot;a&quot;:1}</p>",
    "<p>null1</p>",
  ]);
  expect(given(undefined)).toBe("<p></p>");
});

test("markup stays as it is, and what hides in text is written out", () => {
  expect(given(html`<b>${"a & b"}</b>`)).toBe("<p><b>a &amp; b</b></p>");
  expect(given("a\u202eb\u0000\u001b[2J\nc")).toBe("<p>a\\u202eb\\u0000\\u001b[2J\nc</p>");
});
