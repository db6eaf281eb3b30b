/** Figures with their names: large ones at the head of a view, small ones under the hood. */
import { element } from "../../element.js";

export interface FigureList {
  readonly place: HTMLElement;
  /** Figures by name, in the order they were named in; those left out stay as they are. */
  show(figures: Readonly<Record<string, string>>): void;
}

/** @param names what stands there before anything is known: a dash behind each */
export function figureList(names: readonly string[], className = "view-figures"): FigureList {
  const values = new Map(names.map((name) => [name, element("dd", {}, "–")]));
  const rows = [...values].map(([name, value]) =>
    element("div", {}, element("dt", {}, name), value),
  );
  return {
    place: element("dl", { class: className }, ...rows),
    show(figures) {
      for (const [name, text] of Object.entries(figures)) {
        const value = values.get(name);
        if (value && value.textContent !== text) value.textContent = text;
      }
    },
  };
}

/** 0.123 as "12 %"; what is not all is never shown as 100 %. */
export function percent(share: number): string {
  return `${share < 1 ? Math.min(99, Math.round(100 * share)) : 100} %`;
}
