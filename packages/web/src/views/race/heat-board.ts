/** The results of one heat: a bar for each who took part, the fastest first. */
import { element } from "../../element.js";
import { countText } from "../../show/words.js";
import { contenderOf, type Heat, type Result } from "./heats.js";
import { headline, type Placed, placed } from "./standings.js";

export function heatBoard(heat: Heat, results: readonly Result[]): HTMLElement {
  const rows = placed(results, heat.name);
  const said = headline(results, heat.name);
  return element(
    "section",
    { class: "card heat", "aria-labelledby": heat.name },
    element("h2", { id: heat.name }, heat.title),
    said !== "" && element("p", { class: "headline" }, said),
    element("ol", { class: "ranks" }, ...rows.map(rank)),
    element(
      "p",
      { class: "muted small" },
      heat.task === "train"
        ? "Pictures a second, batches of 64, Adam."
        : "Pictures a second, 256 at once, from and to memory.",
    ),
  );
}

function rank({ result, perSecond, share, words }: Placed): HTMLElement {
  const { maker, title } = contenderOf(result.contender);
  const { outcome } = result;
  const width = `width: ${Math.max(0.4, 100 * share).toFixed(1)}%`;
  const device = outcome.kind === "timed" ? outcome.device : "";
  return element(
    "li",
    { class: maker, title: device },
    element("span", { class: "who" }, title),
    element("span", { class: "speed" }, perSecond > 0 ? countText(perSecond) : "–"),
    perSecond > 0 &&
      element(
        "span",
        { class: "meter", "aria-hidden": "true" },
        element("span", { class: "fill", style: width }),
      ),
    element("span", { class: "ratio muted" }, words),
  );
}
