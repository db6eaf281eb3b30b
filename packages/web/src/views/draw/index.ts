/** Draw: the network that Train trains says what a drawing is, also while it still learns; and learns from it. */
import { element } from "../../element.js";
import { drawGrey } from "../../show/grey-picture.js";
import { percentText } from "../../show/words.js";
import { FIRST_SETTINGS } from "../../training/settings.js";
import type { View } from "../../view.js";
import { openAnswers, topOf } from "./answers.js";
import { lessonRows } from "./lesson.js";
import { openPad } from "./pad.js";
import { recentred, SIZE } from "./recentre.js";

const DIGITS = Array.from({ length: 10 }, (_, digit) => `${digit}`);
/** Steps on one drawing. */
const LESSON_STEPS = 8;
/** An answer that stays that long is said. */
const STILL_MS = 900;

export const draw: View = {
  title: "Draw",
  async mount(place, house) {
    const training = await house.training();
    const answers = openAnswers();
    const small = element("canvas", {
      width: SIZE,
      height: SIZE,
      class: "pixels given",
      role: "img",
      "aria-label": "What the network is given",
    });
    const answer = element("p", { class: "answer" }, "–");
    const latency = element("p", { class: "muted" });
    const state = element("p", { class: "muted" });
    let pixels: Uint8Array | undefined;
    let probabilities: Float32Array | undefined;
    let asking = false;
    let stale = false;
    let still: ReturnType<typeof setTimeout> | undefined;
    let closed = false;

    const names = () => training.work?.data.train.classNames ?? DIGITS;
    const pad = openPad(() => {
      const garment = training.work?.settings.data === "fashion-mnist";
      pixels = recentred(pad.ink(), garment ? "garment" : "digit");
      drawGrey(small, pixels ?? new Uint8Array(SIZE * SIZE), {
        width: SIZE,
        height: SIZE,
        light: 255,
      });
      void ask();
    });

    /** One question at a time; what has changed meanwhile is asked afterwards. */
    async function ask() {
      stale = true;
      if (asking) return;
      asking = true;
      try {
        while (stale && !closed) {
          stale = false;
          await askOnce();
        }
      } catch (error) {
        house.notice(error);
      } finally {
        asking = false;
      }
    }

    async function askOnce() {
      const ready = training.work !== undefined && training.picture.phase !== "preparing";
      if (pixels === undefined || !ready) {
        probabilities = undefined;
        answers.show(names(), undefined);
        answer.textContent = "–";
        latency.textContent = ready ? "Draw something." : "";
        return;
      }
      const given = await training.predict(pixels);
      probabilities = given.probabilities;
      const best = topOf(probabilities);
      answers.show(names(), probabilities);
      answer.textContent = names()[best] ?? "";
      latency.textContent = `${given.ms.toFixed(1)} ms on ${training.device?.info.description}`;
      sayWhenStill(`${names()[best]}, ${percentText(probabilities[best] as number)}`);
    }

    let said = "";
    function sayWhenStill(text: string) {
      clearTimeout(still);
      if (text === said) return;
      still = setTimeout(() => {
        said = text;
        house.announce(text);
      }, STILL_MS);
    }

    const trainNow = element(
      "button",
      {
        type: "button",
        class: "primary",
        click: () => void training.begin(training.picture.settings ?? FIRST_SETTINGS),
      },
      "Train a network",
    );
    const file = element("input", {
      type: "file",
      accept: "image/*",
      class: "heard-only",
      id: "draw-file",
      change: () => {
        const [chosen] = file.files ?? [];
        if (chosen) {
          pad
            .open(chosen)
            .catch(() =>
              house.notice(
                new Error(
                  `${chosen.name} is no picture that this browser reads. Choose another file.`,
                ),
              ),
            );
        }
        file.value = "";
      },
    });
    const sample = element("button", { type: "button", click: showSample }, "Example");
    function showSample() {
      const test = training.work?.data.test;
      if (test === undefined) return;
      const row = Math.floor(Math.random() * test.rows);
      pad.show(
        test.columns.x.data.subarray(row * SIZE * SIZE, (row + 1) * SIZE * SIZE) as Uint8Array,
      );
    }

    const label = element("select", { "aria-label": "What it is" });
    const learn = element(
      "button",
      { type: "button", click: () => void teach() },
      "Train on this drawing",
    );
    const learned = element("p", { class: "muted" });
    async function teach() {
      const { work } = training;
      if (pixels === undefined || work === undefined) return;
      const truth = label.selectedIndex;
      const before = probabilities?.[truth] ?? 0;
      learn.disabled = true;
      try {
        for (let step = 0; step < LESSON_STEPS; step++) {
          const { x, y } = lessonRows(pixels, truth, work.data.train);
          await training.learn(x, y);
          await ask();
        }
        const after = probabilities?.[truth] ?? 0;
        learned.textContent = `${names()[truth]}: ${percentText(before)} before, ${percentText(after)} after ${LESSON_STEPS} steps of 32 pictures, some of them this drawing.`;
        house.announce(learned.textContent);
      } catch (error) {
        house.notice(error);
      } finally {
        show();
      }
    }

    function show() {
      const { phase, progress } = training.picture;
      const there = training.work !== undefined && phase !== "preparing";
      trainNow.hidden = there || training.busy;
      sample.disabled = !there;
      learn.disabled = !there || training.busy;
      label.disabled = learn.disabled;
      if (label.options.length !== names().length || label.options[0]?.text !== names()[0]) {
        label.replaceChildren(...names().map((name) => element("option", {}, name)));
      }
      state.textContent = there
        ? training.busy
          ? `It still learns: epoch ${progress?.epoch ?? 1} of ${progress?.epochs ?? 1}.`
          : "It has learned, and waits for your drawing."
        : phase === "preparing"
          ? "It gets ready …"
          : "There is no network yet.";
      if (training.busy && there)
        learned.textContent = "Drawings are learned when the training is over, or stopped.";
    }

    const ended = training.onChange(() => {
      show();
      void ask();
    });
    place.append(
      element(
        "div",
        { class: "title" },
        element("h1", {}, "Draw"),
        element(
          "p",
          {},
          "The network from Train says what it sees, while it learns and afterwards.",
        ),
      ),
      element(
        "div",
        { class: "drawing" },
        element(
          "section",
          { class: "card", "aria-label": "Drawing" },
          pad.place,
          element(
            "div",
            { class: "buttons" },
            element("button", { type: "button", click: () => pad.clear() }, "Clear"),
            sample,
            file,
            element("label", { for: "draw-file", class: "button" }, "Open …"),
          ),
        ),
        element(
          "section",
          { class: "card", "aria-label": "Answer" },
          element("div", { class: "line" }, answer, element("div", {}, trainNow, state, latency)),
          answers.place,
        ),
        element(
          "section",
          { class: "card", "aria-label": "What the network gets" },
          element("h2", {}, "What the network gets"),
          small,
          element(
            "p",
            { class: "muted" },
            "28 by 28 pixels. A digit: its ink in a box of 20 by 20, its centre of mass in the middle, as in MNIST. A garment: from edge to edge, as in Fashion-MNIST.",
          ),
          element("h2", {}, "Is it wrong?"),
          element(
            "div",
            { class: "buttons" },
            element("label", { class: "field" }, element("span", {}, "It is"), label),
            learn,
          ),
          learned,
        ),
      ),
    );
    show();
    await ask();
    return () => {
      closed = true;
      clearTimeout(still);
      ended();
    };
  },
};
