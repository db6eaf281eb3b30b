/** Light or dark: as the visitor's system says, until the switch is pressed. */
import { element } from "../element.js";
import { readKept, writeKept } from "./kept-words.js";

/** The switch; a choice that was kept holds at once. */
export function openTheme(): HTMLElement {
  const root = document.documentElement;
  const kept = readKept("theme");
  if (kept === "light" || kept === "dark") root.dataset.theme = kept;
  const isDark = () =>
    root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
  const button = element("button", { type: "button", class: "quiet round", click: turn }, "◐");
  const show = () => {
    button.setAttribute("aria-label", isDark() ? "Light colours" : "Dark colours");
  };
  function turn() {
    root.dataset.theme = isDark() ? "light" : "dark";
    writeKept("theme", root.dataset.theme);
    show();
  }
  show();
  return button;
}
