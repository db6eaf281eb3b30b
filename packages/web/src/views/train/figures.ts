/** The figures that people look at first, and how far the training is. */

import type { PlainDataset } from "@hone/data";
import { element } from "../../element.js";
import { greyPicture } from "../../show/grey-picture.js";
import { countText, durationText, lossText, percentText } from "../../show/words.js";
import type { Training } from "../../training/training.js";

export interface Figures {
  readonly place: HTMLElement;
  show(): void;
}

export function openFigures(training: Training): Figures {
  const tile = (title: string, kind = "") => {
    const value = element("strong", {}, "–");
    const under = element("small", {}, "");
    const place = element(
      "div",
      { class: `figure ${kind}` },
      element("span", {}, title),
      value,
      under,
    );
    return { place, value, under };
  };
  const accuracy = tile("Test accuracy", "first");
  const loss = tile("Loss");
  const speed = tile("Pictures a second");
  const left = tile("Time left");
  const bar = element("progress", { max: 1, value: 0, "aria-label": "Steps of the training" });
  const doing = element("p", { class: "doing", "aria-live": "off" });
  const taste = element("div", { class: "taste" });
  let tasted: PlainDataset | undefined;
  /** The first pictures of the data. */
  const showTaste = () => {
    const { taste: data } = training.picture;
    if (data === tasted || data === undefined) return;
    tasted = data;
    const pixels = data.columns.x.data as Uint8Array;
    const pictures = Array.from({ length: 14 }, (_, row) =>
      greyPicture(pixels.subarray(row * 784, (row + 1) * 784), {
        width: 28,
        height: 28,
        light: 255,
      }),
    );
    taste.replaceChildren(...pictures);
  };
  const show = () => {
    const { phase, judged, progress, epochs, doing: waits } = training.picture;
    accuracy.value.textContent = judged ? percentText(judged.accuracy) : "–";
    accuracy.under.textContent = judged
      ? `of ${countText(judged.test.rows)} pictures it never saw`
      : "after the first epoch";
    loss.value.textContent = lossText(progress?.figures.loss ?? Number.NaN);
    loss.under.textContent = judged
      ? `${lossText(judged.loss)} in the test`
      : "of this epoch so far";
    speed.value.textContent = countText(progress?.imagesPerSecond ?? Number.NaN);
    speed.under.textContent = progress ? "learned from" : "";
    const running = phase === "training" || phase === "paused";
    const seconds = epochs.reduce((sum, { record }) => sum + record.seconds, 0);
    left.place.firstElementChild!.textContent = phase === "done" ? "Trained in" : "Time left";
    left.value.textContent =
      phase === "done"
        ? durationText(seconds)
        : running
          ? durationText(progress?.secondsLeft ?? Number.NaN)
          : "–";
    left.under.textContent = progress ? `epoch ${progress.epoch} of ${progress.epochs}` : "";
    const { epoch = 1, epochs: of = 1, step = 0, steps = 1 } = progress ?? {};
    bar.value = phase === "done" ? 1 : (epoch - 1 + step / steps) / of;
    doing.textContent = saidOf(phase, waits, training.device?.info.description ?? "");
    showTaste();
  };
  show();
  const tiles = [accuracy, loss, speed, left].map(({ place }) => place);
  const place = element(
    "section",
    { class: "card figures", "aria-label": "Figures" },
    element("div", { class: "tiles" }, ...tiles),
    bar,
    doing,
    taste,
  );
  return { place, show };
}

function saidOf(phase: string, waits: string, device: string): string {
  if (phase === "preparing") return `${waits} …`;
  if (phase === "idle")
    return "One press of Train draws 7,000 digits and learns them, here in this page.";
  if (phase === "paused") return "Paused. Draw asks the network as it is now.";
  if (phase === "stopped") return "Stopped. Go on continues at the same step.";
  if (phase === "failed") return "It ended with an error, which stands above.";
  if (phase === "done") return `Trained on ${device}. Try it in Draw.`;
  return `Learns on ${device}. Draw, and the backend's menu, work meanwhile.`;
}
