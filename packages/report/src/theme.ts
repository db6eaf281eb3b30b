/**
 * The look that reports and the demo share: colours for light and for dark, and fonts. It imports nothing, so that a
 * page which wants no more than this loads no more.
 *
 * Blue and a warm grey are what Hone and others are drawn in: they differ in lightness, in hue and in how strong they
 * are, so that every kind of eye, and print, tells them apart, and the eye goes to the blue one first.
 */
export interface Shades {
  readonly light: string;
  readonly dark: string;
}

/** Each colour under its variable's name without the dashes. Text in any but `line` and `focus` has 4.5:1 on `page` and on `surface`. */
export const themeColours = {
  /** Behind everything. */
  page: { light: "#f6f7f8", dark: "#101318" },
  /** Cards, tables and charts upon the page. */
  surface: { light: "#ffffff", dark: "#191d23" },
  ink: { light: "#181c22", dark: "#e9ecf0" },
  muted: { light: "#565f6b", dark: "#a4adb9" },
  /** Edges and grids: no text. */
  line: { light: "#d8dde3", dark: "#333a44" },
  /** Hone, links, and what is to be pressed. */
  accent: { light: "#0066a6", dark: "#56b4e9" },
  /** Text upon `accent`. */
  "on-accent": { light: "#ffffff", dark: "#08202f" },
  /** What Hone is compared with. */
  rival: { light: "#756a60", dark: "#b3a799" },
  good: { light: "#00744f", dark: "#35c796" },
  warn: { light: "#8a5a00", dark: "#e6b422" },
  bad: { light: "#b3261e", dark: "#ff8a80" },
  /** Rings around what has the keyboard: 3:1 to what is beside them. */
  focus: { light: "#c44a00", dark: "#ffb02e" },
} as const satisfies Readonly<Record<string, Shades>>;

const fonts =
  '--sans: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; ' +
  '--mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;';

/**
 * Colours as custom properties: light, dark where the system asks for it, and either where `data-theme="light"` or
 * `"dark"` says so, on the root or on any element. Paper is always light.
 */
export function themeRules(colours: Readonly<Record<string, Shades>>): string {
  const declared = (shade: keyof Shades) =>
    Object.entries(colours)
      .map(([name, shades]) => `--${name}: ${shades[shade]};`)
      .join(" ");
  const dark = `{ color-scheme: dark; ${declared("dark")} }`;
  return `:root, [data-theme="light"] { color-scheme: light; ${declared("light")} }
@media screen and (prefers-color-scheme: dark) { :root:not([data-theme="light"]) ${dark} }
@media screen { [data-theme="dark"] ${dark} }`;
}

/** A style sheet's first lines: `--page`, `--ink`, `--accent` and the others of `themeColours`, `--sans` and `--mono`. */
export const themeCss: string = `:root { ${fonts} }\n${themeRules(themeColours)}`;
