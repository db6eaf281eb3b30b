/** What the charts draw, as a table. */
import { element } from "../../element.js";
import { countText, durationText, lossText, percentText } from "../../show/words.js";
import type { EpochRow } from "../../training/picture.js";

export interface EpochsTable {
  readonly place: HTMLElement;
  show(rows: readonly EpochRow[]): void;
}

const HEADS = ["Epoch", "Loss", "Accuracy", "Test loss", "Test accuracy", "Time", "Pictures/s"];

export function openEpochsTable(): EpochsTable {
  const body = element("tbody");
  const table = element(
    "table",
    { class: "numbers" },
    element("caption", { class: "heard-only" }, "Figures of each epoch"),
    element(
      "thead",
      {},
      element("tr", {}, ...HEADS.map((head) => element("th", { scope: "col" }, head))),
    ),
    body,
  );
  const place = element(
    "details",
    { class: "fold" },
    element("summary", {}, "As a table"),
    element(
      "div",
      { class: "scrolled", tabindex: 0, role: "region", "aria-label": "Figures of each epoch" },
      table,
    ),
  );
  return {
    place,
    show: (rows) => {
      body.replaceChildren(...rows.slice(-100).map(rowOf));
    },
  };
}

function rowOf({ record, judged }: EpochRow): HTMLElement {
  const cells = [
    lossText(record.loss),
    percentText(record.accuracy),
    lossText(judged?.loss ?? Number.NaN),
    percentText(judged?.accuracy ?? Number.NaN),
    durationText(record.seconds),
    countText(record.imagesPerSecond),
  ];
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, `${record.epoch}`),
    ...cells.map((cell) => element("td", {}, cell)),
  );
}
