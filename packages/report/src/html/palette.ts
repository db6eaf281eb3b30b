/**
 * Every colour of a report, for light and for dark: those of the theme, which the demo has too, and those of charts.
 * Charts name colours by CSS variables, so one chart serves both.
 *
 * The series follow Okabe and Ito's palette, which people with any kind of colour blindness can tell
 * apart ("Color Universal Design", 2008), shifted in lightness until each has 3:1 to its paper. The
 * heat colours are light in light pages and dark in dark ones, so that ink is readable on all of them.
 */
import { type Shades, themeColours, themeCss, themeRules } from "../theme.js";

export const seriesCount = 8;

const chartColours: Readonly<Record<string, Shades>> = {
  "series-1": themeColours.accent,
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

export const palette: Readonly<Record<string, Shades>> = { ...themeColours, ...chartColours };

/** The palette as CSS. */
export const paletteCss = `${themeCss}\n${themeRules(chartColours)}`;

/** A colour as charts and style sheets write it. */
export function colour(name: string): string {
  return `var(--${name})`;
}

/** Whose figure it is, where Hone is compared with others: each has a colour of its own. */
export type Tone = "hone" | "rival";

/** The colour of the series of that index; after eight they repeat. A tone has its own colour. */
export function seriesColour(index: number, tone?: Tone): string {
  if (tone !== undefined) return colour(tone === "hone" ? "accent" : "rival");
  return colour(`series-${(index % seriesCount) + 1}`);
}

/** SVG text with the palette's own values where attributes have variables and `currentColor`. */
export function resolveColours(svg: string, theme: keyof Shades): string {
  return svg
    .replace(/="var\(--([a-z0-9-]+)\)"/g, (whole, name: string) => {
      const shades = palette[name];
      return shades === undefined ? whole : `="${shades[theme]}"`;
    })
    .replaceAll('="currentColor"', `="${(palette.ink as Shades)[theme]}"`);
}
