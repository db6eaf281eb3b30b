import { element } from "../element.js";

/** Copies what `text` gives, and says whether it could. */
export function copyButton(
  title: string,
  text: () => string,
  announce: (text: string) => void,
): HTMLElement {
  const button = element("button", { type: "button", click: copy }, title);
  async function copy() {
    const copied = await navigator.clipboard.writeText(text()).then(
      () => true,
      () => false,
    );
    const said = copied ? "Copied" : "Not allowed: select it";
    button.textContent = said;
    announce(said);
    setTimeout(() => {
      button.textContent = title;
    }, 1600);
  }
  return button;
}
