/** What is trained, and how; and the buttons that begin, hold and end it. */
import { SET_NAMES, type SetName } from "../../data/open-set.js";
import { choice, element } from "../../element.js";
import { MODEL_NAMES, type ModelInfo, type ModelName } from "../../models/open-site-model.js";
import { BATCH_SIZES, RATES, type Settings } from "../../training/settings.js";
import type { Training } from "../../training/training.js";

const SETS: Readonly<Record<SetName, string>> = {
  digits: "Digits, drawn here",
  mnist: "MNIST, 11 MB",
  "fashion-mnist": "Fashion, 31 MB",
};
const MODELS: Readonly<Record<ModelName, string>> = {
  mlp: "Dense layers",
  cnn: "Convolutions",
  "cnn-compact": "Six convolutions",
  "mnist-fast": "Small and fast",
};

export interface Controls {
  readonly place: HTMLElement;
  readonly settings: Settings;
  set(settings: Settings): void;
  /** Shows which buttons there are now. */
  show(): void;
}

/** @param changed called when the visitor has changed a setting */
export function openControls(
  training: Training,
  infos: Readonly<Record<ModelName, ModelInfo>>,
  first: Settings,
  changed: (settings: Settings) => void,
): Controls {
  let settings = first;
  const take = (part: Partial<Settings>) => {
    settings = { ...settings, ...part };
    changed(settings);
    fill();
  };
  const data = choice("Data", entries(SETS, SET_NAMES), first.data, (value) =>
    take({ data: value as SetName }),
  );
  const model = choice("Network", entries(MODELS, MODEL_NAMES), first.model, (value) => {
    const name = value as ModelName;
    take({ model: name, rate: infos[name].learningRate, batch: infos[name].batchSize });
  });
  const rate = choice("Learning rate", [], "", (value) => take({ rate: Number(value) }));
  const batch = choice("Batch", [], "", (value) => take({ batch: Number(value) }));
  const epochsInput = element("input", {
    type: "number",
    min: 1,
    max: 1000,
    step: 1,
    change: () =>
      take({ epochs: Math.min(1000, Math.max(1, Math.round(Number(epochsInput.value)) || 1)) }),
  });
  const epochs = element("label", { class: "field" }, element("span", {}, "Epochs"), epochsInput);
  const about = element("p", { class: "muted about" });
  const buttons = openButtons(training, () => settings);
  function fill() {
    data.input.value = settings.data;
    model.input.value = settings.model;
    offer(rate.input, RATES, settings.rate);
    offer(batch.input, BATCH_SIZES, settings.batch);
    epochsInput.value = `${settings.epochs}`;
    const { description, schedule } = infos[settings.model];
    const peak = schedule === "one-cycle" ? "; the learning rate is the peak of the cycle" : "";
    about.textContent = `${description}${peak}.`;
  }
  fill();
  const fields = element(
    "fieldset",
    { class: "fields" },
    element("legend", { class: "heard-only" }, "Settings"),
    ...[data, model, rate, batch].map(({ field }) => field),
    epochs,
  );
  return {
    place: element("section", { class: "card controls" }, fields, about, buttons.place),
    get settings() {
      return settings;
    },
    set: (given) => {
      settings = given;
      fill();
    },
    show: () => {
      fields.disabled = training.busy;
      buttons.show();
    },
  };
}

const entries = <Name extends string>(
  titles: Readonly<Record<Name, string>>,
  names: readonly Name[],
) => names.map((name) => [name, titles[name]] as const);

/** The usual values, and the given one among them. */
function offer(input: HTMLSelectElement, usual: readonly number[], chosen: number): void {
  const values = [...new Set([...usual, chosen])].sort((one, other) => one - other);
  input.replaceChildren(...values.map((value) => element("option", { value }, `${value}`)));
  input.value = `${chosen}`;
}

/** Each button is there in the phases in which it does something. */
function openButtons(training: Training, settings: () => Settings) {
  const begin = element(
    "button",
    { type: "button", class: "primary", click: () => void training.begin(settings()) },
    "Train",
  );
  const pause = element("button", { type: "button", click: () => training.pause() }, "Pause");
  const goOn = element("button", { type: "button", click: () => void training.goOn() }, "Go on");
  const stop = element("button", { type: "button", click: () => void training.stop() }, "Stop");
  const show = () => {
    const { phase } = training.picture;
    const over = phase === "stopped" || phase === "done";
    const focused = document.activeElement;
    begin.hidden = training.busy;
    begin.textContent = over ? "Train anew" : "Train";
    pause.hidden = phase !== "training";
    goOn.hidden = !(phase === "paused" || over);
    goOn.textContent = phase === "done" ? "Train further" : "Go on";
    goOn.classList.toggle("primary", phase === "paused");
    stop.hidden = !training.busy;
    // Who pressed a button that is gone goes on at its place.
    if (focused instanceof HTMLElement && focused.hidden && place.contains(focused)) {
      place.querySelector<HTMLElement>("button:not([hidden])")?.focus();
    }
  };
  const place = element("div", { class: "buttons" }, begin, goOn, pause, stop);
  show();
  return { place, show };
}
