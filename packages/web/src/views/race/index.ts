/** Hone and stock tfjs on the visitor's own device, each checked before its time counts. */
import { element } from "../../element.js";
import { copyButton } from "../../show/copy-button.js";
import { download } from "../../show/download.js";
import type { View } from "../../view.js";
import { heatBoard } from "./heat-board.js";
import { CONTENDERS, contenderOf, HEATS, type HeatName, heatOf, type Result } from "./heats.js";
import { type RaceRecord, readRecord, recordText } from "./result-link.js";
import { runRace } from "./run-race.js";

const USUAL: readonly HeatName[] = ["cnn-train", "cnn-predict"];

export const race: View = {
  title: "Race",
  mount(place, house) {
    const boards = element("div", { class: "heats" });
    const about = element("p", { class: "muted" });
    const status = element("p", { class: "status", role: "status" });
    const bar = element("progress", { max: 1, value: 0, hidden: true, "aria-label": "The race" });
    const heats = checks("What is done", HEATS, USUAL);
    const names = CONTENDERS.filter(({ backend }) => backend !== "webgpu" || "gpu" in navigator);
    const contenders = checks(
      "Who takes part",
      CONTENDERS,
      names.map(({ name }) => name),
    );
    const start = element("button", { type: "button", class: "primary", click: press }, "Race");
    const json = element(
      "button",
      { type: "button", click: () => record && save(record) },
      "Save as JSON",
    );
    const link = copyButton("Copy the link", () => location.href, house.announce);
    const keep = element("div", { class: "buttons middle", hidden: true }, link, json);
    let running: AbortController | undefined;
    let record: RaceRecord | undefined;

    function show(shown: RaceRecord): void {
      record = shown;
      const present = HEATS.filter(({ name }) => shown.results.some(({ heat }) => heat === name));
      boards.replaceChildren(...present.map((heat) => heatBoard(heat, shown.results)));
      about.textContent = `${new Date(shown.atMs).toLocaleString()}, ${shown.machine}`;
      keep.hidden = shown.results.length === 0;
    }
    async function press(): Promise<void> {
      if (running) return running.abort();
      const chosen = { heats: heats.chosen(), contenders: contenders.chosen() };
      if (chosen.heats.length === 0 || chosen.contenders.length === 0) {
        status.textContent = "Choose something to do, and who takes part.";
        return;
      }
      const ending = new AbortController();
      running = ending;
      start.textContent = "Stop";
      bar.hidden = false;
      const results: Result[] = [];
      const recorded = (): RaceRecord => ({ atMs: Date.now(), machine: machineText(), results });
      try {
        await runRace({
          ...chosen,
          signal: ending.signal,
          begins(heat, contender, done, all) {
            bar.value = done / all;
            status.textContent = `${heatOf(heat).title}: ${contenderOf(contender).title} …`;
          },
          result(result) {
            results.push(result);
            show(recorded());
          },
        });
        if (!place.isConnected || running !== ending) return;
        status.textContent = ending.signal.aborted
          ? "Stopped."
          : "Done: every time stands behind right answers.";
        if (results.length > 0) house.state.write({ result: recordText(recorded()) });
      } catch (error) {
        status.textContent = "";
        house.notice(error);
      } finally {
        if (running === ending) running = undefined;
        start.textContent = "Race";
        bar.hidden = true;
      }
    }

    place.append(
      element(
        "div",
        { class: "title" },
        element("h1", {}, "Race"),
        element(
          "p",
          {},
          "Hone and stock tfjs compute the same on your device, one after another; a time counts once the answers are those of a reference in 64 bits.",
        ),
      ),
      element("div", { class: "card race-choice" }, heats.place, contenders.place),
      element("div", { class: "buttons middle" }, start, bar, status),
      boards,
      about,
      keep,
    );
    const shared = readRecord(house.state.read().result);
    if (shared) show(shared);
    return () => {
      running?.abort();
      running = undefined;
    };
  },
};

/** Boxes to tick. */
function checks<Name extends string>(
  legend: string,
  entries: readonly { readonly name: Name; readonly title: string }[],
  ticked: readonly Name[],
) {
  const boxes = entries.map(({ name, title }) => {
    const input = element("input", { type: "checkbox", checked: ticked.includes(name) });
    return { name, input, label: element("label", { class: "tick" }, input, title) };
  });
  return {
    place: element(
      "fieldset",
      {},
      element("legend", {}, legend),
      ...boxes.map(({ label }) => label),
    ),
    chosen: () => boxes.filter(({ input }) => input.checked).map(({ name }) => name),
  };
}

function save(record: RaceRecord): void {
  download("race.json", `${JSON.stringify(record, null, 2)}\n`, "application/json");
}

/** What the browser tells of itself and the machine. */
function machineText(): string {
  const { userAgent, hardwareConcurrency } = navigator;
  const browser = /(Firefox|Edg|Chrome|Version)\/[\d.]+/
    .exec(userAgent)?.[0]
    .replace("/", " ")
    .replace("Version", "Safari");
  const [, system = ""] = /\(([^);]+)/.exec(userAgent) ?? [];
  const threads = crossOriginIsolated ? "" : ", without the headers that threads need";
  return `${browser ?? "a browser"}, ${system}, ${hardwareConcurrency} processors${threads}`;
}
