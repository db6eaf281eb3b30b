/** What was taught, to take away: a page that has all within it, the model alone, and the lines that use it. */
import { element } from "../../element.js";
import { download } from "../../show/download.js";
import type { House } from "../../view.js";
import { exportedPage, usage } from "./exported-page.js";
import type { PictureForm } from "./front.js";

export interface ExportPanel {
  readonly place: HTMLElement;
  /** @param there whether there is something to take */
  show(there: boolean): void;
}

/** @param save the model's file, where there is one */
export function exportPanel(
  house: House,
  save: () => Promise<Uint8Array<ArrayBuffer>> | undefined,
  names: () => readonly string[],
  form: () => PictureForm,
): ExportPanel {
  const taking = (take: (model: Uint8Array<ArrayBuffer>) => Promise<void> | void) => async () => {
    try {
      const model = await save();
      if (model) await take(model);
    } catch (error) {
      house.notice(error);
    }
  };
  const page = taking(async (model) => {
    const found = await fetch(new URL("exported-runtime.js", document.baseURI));
    if (!found.ok)
      throw new Error(`exported-runtime.js was answered ${found.status}. Reload the page.`);
    const title = `${names().join(" or ")}?`;
    download(
      "taught.html",
      exportedPage({ title, form: form(), runtime: await found.text(), model }),
      "text/html",
    );
    house.announce("taught.html is saved.");
  });
  const file = taking((model) => download("taught.hone", model));
  const lines = element("code", {});
  const place = element(
    "div",
    { class: "take-away", hidden: true },
    element("h3", {}, "Take it with you"),
    element(
      "div",
      { class: "buttons middle" },
      element("button", { type: "button", click: page }, "A page that uses it"),
      element("button", { type: "button", click: file }, "The model"),
    ),
    element(
      "details",
      {},
      element("summary", {}, "The nine lines that use it"),
      element("pre", { tabindex: 0 }, lines),
    ),
  );
  return {
    place,
    show(there) {
      place.hidden = !there;
      lines.textContent = usage(form());
    },
  };
}
