/** What the first layer has learned to look for, and what it sees in one picture. */
import { compile, type SavedModel, type Session, type Weight } from "@hone/core/runtime";
import { element } from "../../element.js";
import { openFirstLayer } from "../../models/open-site-model.js";
import { greyPicture, type PictureOptions, showGreyPictures } from "../../show/grey-picture.js";
import { pictureOf } from "../../training/judged.js";
import type { Training } from "../../training/training.js";

const MOST_SHOWN = 32;

export interface FirstLayer {
  readonly place: HTMLElement;
  /** Shows the weights after the last epoch. */
  show(): Promise<void>;
  close(): void;
}

export function openLayer(training: Training): FirstLayer {
  const filters = element("div", { class: "filters" });
  const seen = element("div", { class: "filters" });
  const input = element("span", { class: "input" });
  const saw = element("h3", {}, "What it sees in this picture");
  let row = 0;
  const next = element(
    "button",
    {
      type: "button",
      class: "quiet",
      click: () => {
        row++;
        void show();
      },
    },
    "Another picture",
  );
  const place = element(
    "section",
    { class: "card", hidden: true },
    element("h2", {}, "The first layer"),
    element(
      "div",
      { class: "halves" },
      element(
        "div",
        {},
        element("h3", {}, "What it looks for"),
        element(
          "p",
          { class: "muted" },
          "Weights of its units after the last epoch: blue adds, orange takes away.",
        ),
        filters,
      ),
      element("div", {}, element("div", { class: "line" }, saw, next), input, seen),
    ),
  );
  let layer: { readonly of: object; readonly session: Session<SavedModel> } | undefined;
  let turn = 0;

  async function show() {
    const { weights, judged } = training.picture;
    const { work } = training;
    place.hidden = judged === undefined || work === undefined;
    if (judged === undefined || work === undefined) return;
    turn++;
    const mine = turn;
    showGreyPictures(filters, filterPictures(weights[0]));
    const pixels = pictureOf(judged, row % judged.test.rows);
    input.replaceChildren(
      greyPicture(pixels, { width: 28, height: 28, light: 255, label: "The picture that goes in" }),
    );
    const session = await sessionOf(work);
    if (mine !== turn) return;
    await session.setWeights(weights.slice(0, work.info.firstWeights));
    const { data, shape } = await session.predict(
      Float32Array.from(pixels, (value) => value / 255),
    );
    if (mine === turn) {
      seen.classList.toggle("whole", shape.length !== 4);
      showGreyPictures(seen, activationPictures(data, shape));
    }
  }

  /** One for each training: it lives on the device that the training has. */
  async function sessionOf(work: NonNullable<Training["work"]>) {
    if (layer?.of === work.session && layer.session.device === work.session.device)
      return layer.session;
    layer?.session.close();
    const model = await openFirstLayer(work.settings.model);
    const session = await compile(model, { device: work.session.device });
    layer = { of: work.session, session };
    return session;
  }

  return { place, show, close: () => layer?.session.close() };
}

interface Shown {
  readonly values: ArrayLike<number>;
  readonly options: PictureOptions;
}

/** A kernel [height, width, 1, filters], or [pixels, units] of a dense layer over 28 by 28 pixels. */
function filterPictures(weight: Weight | undefined): Shown[] {
  if (weight === undefined) return [];
  const { shape, values } = weight;
  const count = shape.at(-1) ?? 0;
  const [height, width] = shape.length === 4 ? [shape[0] as number, shape[1] as number] : [28, 28];
  return Array.from({ length: Math.min(count, MOST_SHOWN) }, (_, unit) => {
    const part = Float32Array.from(
      { length: width * height },
      (_, at) => values[at * count + unit] as number,
    );
    const options = { width, height, signed: true, label: `Weights of unit ${unit + 1}` };
    return { values: part, options };
  });
}

/** [1, height, width, filters] as pictures; [1, units] as one strip of squares. */
function activationPictures(data: Float32Array, shape: readonly number[]): Shown[] {
  const count = shape.at(-1) ?? 0;
  const signed = data.some((value) => value < 0);
  if (shape.length !== 4) {
    const width = 16;
    const height = Math.ceil(count / width);
    const label = `How strongly each of ${count} units answers`;
    return [{ values: data, options: { width, height, signed, label } }];
  }
  const [, height, width] = shape as readonly [number, number, number, number];
  return Array.from({ length: Math.min(count, MOST_SHOWN) }, (_, unit) => {
    const part = Float32Array.from(
      { length: width * height },
      (_, at) => data[at * count + unit] as number,
    );
    const options = { width, height, signed, label: `What unit ${unit + 1} sees` };
    return { values: part, options };
  });
}
