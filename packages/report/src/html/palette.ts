/**
 * Every colour of a report, for light and for dark. Charts name colours by CSS variables, so one chart
 * serves both.
 *
 * The series follow Okabe and Ito's palette, which people with any kind of colour blindness can tell
 * apart ("Color Universal Design", 2008), shifted in lightness until each has 3:1 to its paper. The
 * heat colours are light in light pages and dark in dark ones, so that ink is readable on all of them.
 */
export interface Shades {
  readonly light: string;
  readonly dark: string;
}

export const seriesCount = 8;

export const palette: Readonly<Record<string, Shades>> = {
  paper: { light: "#ffffff", dark: "#15171b" },
  ink: { light: "#1b1e23", dark: "#e8eaee" },
  muted: { light: "#59616d", dark: "#a3abb8" },
  rule: { light: "#d9dde3", dark: "#343942" },
  shade: { light: "#f5f6f8", dark: "#1e2127" },
  "series-1": { light: "#0072b2", dark: "#56b4e9" },
  "series-2": { light: "#d55e00", dark: "#f08843" },
  "series-3": { light: "#008a64", dark: "#2cc295" },
  "series-4": { light: "#b8588d", dark: "#de93bd" },
  "series-5": { light: "#a57200", dark: "#e6b422" },
  "series-6": { light: "#3691cb", dark: "#a4d4f5" },
  "series-7": { light: "#5c6470", dark: "#a8b0bc" },
  "series-8": { light: "#7a6a00", dark: "#f0e442" },
  "heat-1": { light: "#74bbe8", dark: "#0c5a90" },
  "heat-2": { light: "#f2a862", dark: "#97480b" },
};

/** A colour as charts and style sheets write it. */
export function colour(name: string): string {
  return `var(--hone-${name})`;
}

/** The colour of the series of that index; after eight they repeat. */
export function seriesColour(index: number): string {
  return colour(`series-${(index % seriesCount) + 1}`);
}

/** The palette as CSS declarations. */
export function paletteDeclarations(theme: keyof Shades): string {
  return Object.entries(palette)
    .map(([name, shades]) => `--hone-${name}: ${shades[theme]};`)
    .join(" ");
}

/** SVG text with the palette's own values where attributes have variables and `currentColor`. */
export function resolveColours(svg: string, theme: keyof Shades): string {
  return svg
    .replace(/="var\(--hone-([a-z0-9-]+)\)"/g, (whole, name: string) => {
      const shades = palette[name];
      return shades === undefined ? whole : `="${shades[theme]}"`;
    })
    .replaceAll('="currentColor"', `="${(palette.ink as Shades)[theme]}"`);
}
