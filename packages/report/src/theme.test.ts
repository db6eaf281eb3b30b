import { expect, test } from "vitest";
import { contrast } from "./test/contrast.js";
import { type Shades, themeColours, themeCss } from "./theme.js";

const shades: readonly (keyof Shades)[] = ["light", "dark"];
const { page, surface, line: _, focus, "on-accent": onAccent, ...text } = themeColours;

test("contrast is that of known pairs of colours", () => {
  expect(contrast("#000000", "#ffffff")).toBe(21);
  // The grey that is commonly named as the lightest for text on white.
  expect(contrast("#767676", "#ffffff")).toBeCloseTo(4.54, 2);
});

test.each(shades)("every colour of text has 4.5:1 on page and surface in %s", (shade) => {
  for (const [name, colour] of Object.entries(text)) {
    for (const ground of [page, surface]) {
      expect(contrast(colour[shade], ground[shade]), name).toBeGreaterThanOrEqual(4.5);
    }
  }
  expect(contrast(onAccent[shade], text.accent[shade])).toBeGreaterThanOrEqual(4.5);
});

test.each(shades)("rings of focus have 3:1 to what they are drawn upon in %s", (shade) => {
  for (const ground of [page, surface]) {
    expect(contrast(focus[shade], ground[shade])).toBeGreaterThanOrEqual(3);
  }
});

test("the style sheet declares every colour three times, and both fonts", () => {
  for (const [name, { light, dark }] of Object.entries(themeColours)) {
    expect(themeCss.split(`--${name}: ${light};`), name).toHaveLength(2);
    expect(themeCss.split(`--${name}: ${dark};`), name).toHaveLength(3);
  }
  expect(themeCss).toMatch(/--sans: .*; --mono: /);
});
