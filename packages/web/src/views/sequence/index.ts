/** A recurrent network learns to add, and the visitor watches it write. */
import { choice, element } from "../../element.js";
import { CurveChart } from "../../show/curve-chart.js";
import { countText, lossText } from "../../show/words.js";
import type { CurvePoint } from "../../training/curve.js";
import type { House, View } from "../../view.js";
import { figureList, percent } from "../parts/figure-list.js";
import { askIt } from "./ask-it.js";
import { Learning, type Phase } from "./learning.js";
import { TESTED_ON, TRAINED_ON } from "./pupil.js";
import { showSum } from "./sum-lines.js";
import { COLUMNS } from "./sums.js";

const SHOWN = 10;
const PACES = [
  ["0.001", "slowly"],
  ["0.003", "at a pace to watch"],
  ["0.01", "fast"],
] as const;
const USUAL_PACE = "0.003";

const SAID: Readonly<Record<Phase, string>> = {
  idle: "Start",
  opening: "Start",
  learning: "Pause",
  paused: "Go on",
  done: "Start again",
};

export const sequence: View = {
  title: "Sequence",
  mount(place, house) {
    const lines = Array.from({ length: SHOWN }, () => element("li", {}));
    const figures = figureList(["Unseen sums right", "Digits right", "Sums a second"]);
    const hood = figureList(
      ["Passes through the sums", "Loss", "Computed by"],
      "view-figures small-figures",
    );
    const points: readonly CurvePoint[][] = [[], []];
    const chart = new CurveChart({
      title: "Of sums it has never seen",
      lines: [
        { title: "digits right", colour: "--rival" },
        { title: "whole sums right", colour: "--accent" },
      ],
      range: [0, 1],
      text: percent,
    });
    const learning = new Learning(house, SHOWN, {
      phase: (phase) => showPhase(phase),
      begun(pupil) {
        for (const [at, line] of lines.entries()) {
          showSum(line, pupil.unseen[at] as (typeof pupil.unseen)[number], undefined);
        }
        for (const line of points) line.length = 0;
        chart.show(points, 1);
        ask.show();
      },
      standing(standing, pupil) {
        for (const [at, line] of lines.entries()) {
          const sum = pupil.unseen[at] as (typeof pupil.unseen)[number];
          showSum(line, sum, standing.shown[at]);
        }
        figures.show({
          "Unseen sums right": percent(standing.whole),
          "Digits right": percent(standing.digits),
          "Sums a second": countText(standing.sumsPerSecond),
        });
        hood.show({
          "Passes through the sums": `${standing.epoch}`,
          Loss: lossText(standing.loss),
          "Computed by": pupil.session.device.info.description,
        });
        points[0]?.push({ step: standing.step, value: standing.digits });
        points[1]?.push({ step: standing.step, value: standing.whole });
        chart.show(points, 1);
        ask.show();
      },
    });
    const ask = askIt(house, () => learning.pupil);
    const pace = choice("Learns", PACES, paceOf(house), (value) =>
      house.state.write({ pace: value }),
    );
    const start = element("button", { type: "button", class: "primary", click: press }, "Start");
    const again = element("button", { type: "button", click: () => void anew() }, "Forget all");
    const status = element("p", { class: "status muted", role: "status" });

    function showPhase(phase: Phase): void {
      start.textContent = SAID[phase];
      start.disabled = phase === "opening";
      again.disabled = phase === "opening" || phase === "idle";
      pace.input.disabled = phase === "learning" || phase === "paused";
      const knows = phase === "done" ? `It adds all ${TESTED_ON} unseen sums right.` : "";
      status.textContent = phase === "opening" ? "Opens …" : knows;
    }
    async function anew(): Promise<boolean> {
      try {
        await learning.again();
        figures.show({ "Unseen sums right": "–", "Digits right": "–", "Sums a second": "–" });
        return true;
      } catch (error) {
        house.notice(error);
        return false;
      }
    }
    async function press(): Promise<void> {
      if (learning.phase === "learning") return learning.pause();
      if (learning.phase === "done" && !(await anew())) return;
      if (!learning.pupil && !(await anew())) return;
      await learning.run(Number(pace.input.value));
    }

    place.append(
      element(
        "div",
        { class: "title" },
        element("h1", {}, "Sequence"),
        element(
          "p",
          {},
          "A small LSTM learns to add while you watch: it sees two numbers digit by digit from the right, and must find out by itself that something is carried.",
        ),
      ),
      element("div", { class: "buttons middle" }, start, again, pace.field, status),
      element(
        "div",
        { class: "two-columns" },
        element(
          "section",
          { class: "card", "aria-labelledby": "writes" },
          element("h2", { id: "writes" }, "What it writes"),
          element("p", { class: "muted" }, "Sums it never learns from. Pale digits are guesses."),
          element("ol", { class: "sums" }, ...lines),
        ),
        element(
          "section",
          { class: "card", "aria-labelledby": "learns" },
          element("h2", { id: "learns" }, "How well it adds"),
          figures.place,
          chart.place,
          ask.place,
          underTheHood(hood.place),
        ),
      ),
    );
    showPhase("opening");
    learning.open().catch((error) => {
      showPhase("idle");
      house.notice(error);
    });
    return () => {
      learning.close();
      chart.close();
    };
  },
};

function paceOf(house: House): string {
  const { pace } = house.state.read();
  return PACES.some(([value]) => value === pace) ? (pace as string) : USUAL_PACE;
}

function underTheHood(figures: HTMLElement): HTMLElement {
  return element(
    "details",
    {},
    element("summary", {}, "Under the hood"),
    figures,
    element(
      "p",
      { class: "muted" },
      `An LSTM of 32 units and a dense layer of 10: 7,114 weights. It learns from ${countText(TRAINED_ON)} sums drawn anew at each start, in batches of 32, by Adam; each is ${COLUMNS} columns of two digits, the ones first.`,
    ),
  );
}
