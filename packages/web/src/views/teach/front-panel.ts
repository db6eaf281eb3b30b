/** Another front than the demo's own: files of a network, and what is known of it. */
import { choice, element } from "../../element.js";
import type { House } from "../../view.js";
import { type Front, ownFront, RANGES, type RangeName } from "./front.js";

/** @param chosen called with each front that the visitor chooses; what it throws is told in the panel */
export function frontPanel(house: House, chosen: (front: Front) => Promise<void>): HTMLElement {
  let front: Front | undefined;
  const about = element("p", { class: "small", role: "status" });
  const fault = element("p", { class: "fault", role: "alert" });
  const range = choice(
    "A pixel becomes",
    Object.entries(RANGES).map(([name, { text }]) => [name, text] as const),
    "signed",
    (name) => void take(async () => ({ ...(front as Front), range: name as RangeName })),
  );
  const files = element("input", {
    type: "file",
    accept: ".json,.bin",
    multiple: true,
    "aria-label": "model.json and its weight files",
    change: () => {
      const given = [...(files.files ?? [])];
      files.value = "";
      if (given.length === 0) return;
      void take(async () => (await import("./given-front.js")).givenFront(house, given));
    },
  });
  const back = element(
    "button",
    { type: "button", class: "quiet", hidden: true, click: () => void take(ownFront) },
    "Back to Hone's own",
  );
  range.field.hidden = true;
  const busy = (is: boolean) => {
    for (const part of [files, back, range.input]) part.disabled = is;
  };
  const tell = () => {
    const isGiven = front !== undefined;
    range.field.hidden = !isGiven;
    back.hidden = !isGiven;
    about.textContent = front
      ? `${front.name}: pictures of ${front.size}×${front.size}, ${front.features.toLocaleString("en")} features`
      : "A network of yours, as MobileNet, can stand in the place of Hone's own.";
    if (front) range.input.value = front.range;
  };
  async function take(open: () => Promise<Front>): Promise<void> {
    busy(true);
    fault.textContent = "";
    about.textContent = "Loads …";
    try {
      const next = await open();
      await chosen(next);
      front = open === ownFront ? undefined : next;
    } catch (error) {
      const said = error instanceof Error ? error.message : `${error}`;
      fault.textContent = said.replace("[hone] ", "");
    } finally {
      busy(false);
      tell();
    }
  }
  tell();
  return element(
    "details",
    { class: "front" },
    element("summary", {}, "Another front"),
    about,
    element(
      "div",
      { class: "buttons middle" },
      element(
        "label",
        { class: "file-button" },
        files,
        element("span", {}, "model.json and weights"),
      ),
      back,
    ),
    range.field,
    fault,
  );
}
