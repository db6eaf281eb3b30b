/** What the network takes the picture for: a bar for each class, and the first of them in words. */
import { element } from "../../element.js";

/** Between two things said to who listens. */
const LEAST_MS = 1500;

export interface AnswerPanel {
  readonly place: HTMLElement;
  show(names: readonly string[], shares: readonly number[], milliseconds: number): void;
  clear(text: string): void;
}

export function answerPanel(): AnswerPanel {
  const bars = element("ul", { class: "shares" });
  const latency = element("p", { class: "muted small" });
  const spoken = element("p", { class: "heard-only", role: "status" });
  const hint = element("p", { class: "muted" });
  let last = { name: "", atMs: 0 };
  const rows: { name: HTMLElement; fill: HTMLElement; value: HTMLElement }[] = [];
  const setRows = (count: number) => {
    while (rows.length > count) {
      rows.pop();
      bars.lastElementChild?.remove();
    }
    while (rows.length < count) {
      const row = {
        name: element("span", { class: "share-name" }),
        fill: element("span", { class: "fill" }),
        value: element("span", { class: "share-value" }),
      };
      rows.push(row);
      bars.append(
        element(
          "li",
          {},
          row.name,
          element("span", { class: "meter", "aria-hidden": "true" }, row.fill),
          row.value,
        ),
      );
    }
  };
  return {
    place: element("div", { class: "answer-panel" }, hint, bars, latency, spoken),
    show(names, shares, milliseconds) {
      hint.textContent = "";
      setRows(names.length);
      const first = shares.indexOf(Math.max(...shares));
      for (const [at, row] of rows.entries()) {
        const share = shares[at] ?? 0;
        row.name.textContent = names[at] ?? "";
        row.fill.style.width = `${(100 * share).toFixed(1)}%`;
        row.fill.classList.toggle("first", at === first);
        row.value.textContent = `${Math.round(100 * share)} %`;
      }
      latency.textContent = `${milliseconds.toFixed(1)} ms a picture`;
      const name = names[first] ?? "";
      const nowMs = performance.now();
      if (name !== last.name && nowMs - last.atMs > LEAST_MS) {
        last = { name, atMs: nowMs };
        spoken.textContent = name;
      }
    },
    clear(text) {
      setRows(0);
      latency.textContent = "";
      hint.textContent = text;
      last = { name: "", atMs: 0 };
    },
  };
}
