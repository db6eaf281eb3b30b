/** Train: one press, and a network learns in the page. */
import { element } from "../../element.js";
import { modelInfos } from "../../models/open-site-model.js";
import { CurveChart } from "../../show/curve-chart.js";
import type { TrainingPicture } from "../../training/picture.js";
import { readSettings, settingsRecord } from "../../training/settings.js";
import type { View } from "../../view.js";
import { openConfusion } from "./confusion.js";
import { openControls } from "./controls.js";
import { openEpochsTable } from "./epochs-table.js";
import { openFigures } from "./figures.js";
import { openLayer } from "./first-layer.js";
import { openKeeping } from "./keeping.js";

/** Charts and figures are drawn anew at most so often. */
const BETWEEN_MS = 100;

export const train: View = {
  title: "Train",
  async mount(place, house) {
    const [training, infos] = await Promise.all([house.training(), modelInfos()]);
    const keepAddress = (settings: Parameters<typeof settingsRecord>[0]) =>
      house.state.write(settingsRecord(settings));
    const first = readSettings(house.state.read(), training.picture.settings);
    const controls = openControls(training, infos, first, (settings) => {
      keepAddress(settings);
      keeping.show();
    });
    const figures = openFigures(training);
    const losses = new CurveChart({
      title: "Loss",
      lines: [
        { title: "training", colour: "--accent" },
        { title: "test", colour: "--rival", marks: true },
      ],
      text: (loss) => `${Number(loss.toPrecision(3))}`,
    });
    const accuracies = new CurveChart({
      title: "Accuracy",
      lines: [
        { title: "training", colour: "--accent" },
        { title: "test", colour: "--rival", marks: true },
      ],
      range: [0, 1],
      text: (share) => `${Math.round(100 * share)} %`,
    });
    const table = openEpochsTable();
    const confusion = openConfusion(house.announce);
    const layer = openLayer(training);
    const keeping = openKeeping(
      training,
      house,
      infos,
      () => controls.settings,
      (settings) => {
        controls.set(settings);
        keepAddress(settings);
      },
    );
    const moves = element("ul", { class: "moves muted" });
    keepAddress(first);

    const showProgress = () => {
      const { picture } = training;
      figures.show();
      const all = stepsOf(picture);
      losses.show([picture.losses.points, testPoints(picture, "loss")], all);
      accuracies.show([picture.accuracies.points, testPoints(picture, "accuracy")], all);
    };
    let closed = false;
    let epochsShown = 0;
    /** Part by part: all at once would hold the page for longer than a frame. */
    const showEpoch = async () => {
      epochsShown++;
      const mine = epochsShown;
      const { picture } = training;
      for (const part of [
        () => table.show(picture.epochs),
        () => confusion.show(picture.judged),
        () => layer.show().catch(house.notice),
      ]) {
        part();
        await new Promise((resolve) => setTimeout(resolve));
        if (closed || mine !== epochsShown) return;
      }
    };
    let phase = training.picture.phase;
    /** Where data could not be had, the controls show what can be trained instead. */
    const showChosen = () => {
      const { settings } = training.picture;
      const failed = training.picture.phase === "failed" && phase !== "failed";
      phase = training.picture.phase;
      if (!failed || settings === undefined) return;
      controls.set(settings);
      keepAddress(settings);
    };
    const showAll = () => {
      showChosen();
      controls.show();
      keeping.show();
      moves.replaceChildren(...training.picture.moves.map((move) => element("li", {}, move)));
      showProgress();
    };
    const soon = atMostEvery(BETWEEN_MS, showProgress);
    const ended = training.onChange((what) => {
      if (what === "progress") return soon.ask();
      if (what === "epoch") void showEpoch();
      showAll();
    });
    place.append(
      element(
        "div",
        { class: "title" },
        element("h1", {}, "Train"),
        element(
          "p",
          {},
          "A neural network learns in this page, on this device. Nothing is sent anywhere.",
        ),
      ),
      element("div", { class: "bench" }, controls.place, figures.place),
      element(
        "section",
        { class: "card", "aria-label": "Curves" },
        element("div", { class: "halves" }, losses.place, accuracies.place),
        moves,
        table.place,
      ),
      confusion.place,
      layer.place,
      keeping.place,
    );
    showAll();
    void showEpoch();
    if (!training.busy) training.getReady(first);
    return () => {
      closed = true;
      ended();
      soon.end();
      losses.close();
      accuracies.close();
      layer.close();
    };
  },
};

/** Steps of the whole training, so that the curves grow into their room. */
function stepsOf({ progress, steps }: TrainingPicture): number {
  if (progress === undefined) return 1;
  const left = (progress.epochs - progress.epoch) * progress.steps + progress.steps - progress.step;
  return steps + left;
}

function testPoints({ epochs }: TrainingPicture, figure: "loss" | "accuracy") {
  return epochs.flatMap(({ judged }) =>
    judged ? [{ step: judged.step, value: judged[figure] }] : [],
  );
}

/** Calls it soon after it was asked for, once for all that ask meanwhile. */
function atMostEvery(ms: number, call: () => void) {
  let waiting: ReturnType<typeof setTimeout> | undefined;
  let last = Number.NEGATIVE_INFINITY;
  return {
    ask: () => {
      waiting ??= setTimeout(
        () => {
          waiting = undefined;
          last = performance.now();
          call();
        },
        Math.max(0, last + ms - performance.now()),
      );
    },
    end: () => clearTimeout(waiting),
  };
}
