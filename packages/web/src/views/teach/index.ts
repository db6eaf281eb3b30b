/** The visitor's own classes: shown by a camera, drawn or chosen as files, and learned in a second. */
import { element } from "../../element.js";
import { lossText } from "../../show/words.js";
import type { View } from "../../view.js";
import { figureList, percent } from "../parts/figure-list.js";
import { answerPanel } from "./answer-panel.js";
import { Board } from "./board.js";
import { exportPanel } from "./export-panel.js";
import { type Front, ownFront, wordsOf } from "./front.js";
import { frontPanel } from "./front-panel.js";
import { type Learned, Learner } from "./learner.js";
import { LiveAnswers } from "./live-answers.js";
import { SourcePanel } from "./source-panel.js";

const FIGURES = ["Pictures a class", "Learned from", "Held back", "Loss", "Took", "Computed by"];
const UNTAUGHT = "Show some pictures of each class, then train.";

export const teach: View = {
  title: "Teach",
  mount(place, house) {
    const answer = answerPanel();
    const hood = figureList(FIGURES, "view-figures small-figures");
    const source = new SourcePanel(
      () => board.adapt(),
      () => live.look(),
    );
    const board = new Board(house, source, () => showReady());
    const trainButton = element(
      "button",
      { type: "button", class: "primary", click: train },
      "Train",
    );
    const status = element("p", { class: "status", role: "status" });
    const bar = element("progress", { max: 1, value: 0, hidden: true, "aria-label": "Training" });
    const how = element("p", { class: "muted" });
    let learner: Learner | undefined;
    let names: string[] = [];
    let trains = false;
    let isMounted = true;

    const out = exportPanel(
      house,
      () => learner?.save(names),
      () => names,
      () => board.form,
    );
    const live = new LiveAnswers(house, {
      picture: async () => source.source?.picture(board.form),
      shares: async (picture) => learner?.shares(picture),
      show: (shares, milliseconds) => answer.show(names, shares, milliseconds),
    });

    function showReady(): void {
      const { classes } = board;
      const lacking = classes.filter(({ pictures }) => pictures.length < 2);
      trainButton.disabled = trains || !learner || lacking.length > 0;
      if (names.length === classes.length) names = classes.map(({ name }) => name);
      hood.show({ "Pictures a class": classes.map(({ pictures }) => pictures.length).join(", ") });
    }
    async function train(): Promise<void> {
      const { classes } = board;
      if (!learner || trains) return;
      trains = true;
      showReady();
      status.textContent = "Trains …";
      bar.hidden = false;
      try {
        const learned = await learner.train(classes, (record) => {
          if (record.kind !== "moved") bar.value = record.epoch / record.epochs;
        });
        if (!isMounted) return;
        names = classes.map(({ name }) => name);
        showLearned(learned);
        out.show(true);
        live.begin();
      } catch (error) {
        status.textContent = "";
        if (isMounted) house.notice(error);
      } finally {
        trains = false;
        bar.hidden = true;
        showReady();
      }
    }
    function showLearned(learned: Learned): void {
      const { heldBack, heldBackRight, seconds, loss, pictures, epochs, device } = learned;
      const told =
        heldBack === 0
          ? "none: five pictures of a class are needed"
          : `${heldBackRight} of ${heldBack} right (${percent(heldBackRight / heldBack)})`;
      status.textContent = `Trained in ${seconds.toFixed(2)} s${heldBack === 0 ? "" : `; of pictures held back ${heldBackRight} of ${heldBack} are told right`}.`;
      hood.show({
        "Learned from": `${pictures} pictures, half of them moved and dimmed, ${epochs} times`,
        "Held back": told,
        Loss: lossText(loss),
        Took: `${seconds.toFixed(2)} s`,
        "Computed by": device,
      });
      answer.clear(source.name === "draw" ? "Draw something to be told." : "");
    }

    /** Begins anew on a front; pictures stay. */
    async function standOn(front: Front): Promise<void> {
      if (trains) throw new Error("The network is busy: choose again when it is done.");
      trains = true;
      showReady();
      try {
        const opened = await Learner.open(house, front);
        if (!isMounted) return opened.close();
        learner?.close();
        learner = opened;
        await board.become(front);
        how.textContent = wordsOf(front);
        out.show(false);
        status.textContent = "";
        answer.clear(UNTAUGHT);
      } finally {
        trains = false;
        showReady();
      }
    }

    answer.clear(UNTAUGHT);
    place.append(
      element(
        "div",
        { class: "title" },
        element("h1", {}, "Teach"),
        element(
          "p",
          {},
          "Show a few pictures of things of your own and train a network to tell them apart, in a second. No picture leaves this page.",
        ),
      ),
      element(
        "div",
        { class: "teach" },
        source.place,
        board.place,
        element(
          "section",
          { class: "card", "aria-labelledby": "told" },
          element("h2", { id: "told" }, "What it takes it for"),
          element("div", { class: "buttons middle" }, trainButton, bar),
          status,
          answer.place,
          underTheHood(hood.place, how),
          frontPanel(house, standOn),
          out.place,
        ),
      ),
    );
    showReady();
    void source.choose(house.state.read().source === "camera" ? "camera" : "draw");
    ownFront()
      .then(standOn)
      .catch((error) => house.notice(error));
    return () => {
      isMounted = false;
      live.end();
      board.end();
      source.end();
      learner?.close();
    };
  },
};

function underTheHood(figures: HTMLElement, how: HTMLElement): HTMLElement {
  return element("details", {}, element("summary", {}, "Under the hood"), figures, how);
}
