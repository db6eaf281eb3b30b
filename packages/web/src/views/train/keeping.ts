/** What the visitor takes along: the training kept in the browser, the model as a file, the code that made it. */
import { element } from "../../element.js";
import type { ModelInfo, ModelName } from "../../models/open-site-model.js";
import { copyButton } from "../../show/copy-button.js";
import { download } from "../../show/download.js";
import { codeText } from "../../training/code-text.js";
import { type KeptNote, keptNote } from "../../training/kept.js";
import type { Settings } from "../../training/settings.js";
import type { Training } from "../../training/training.js";
import type { House } from "../../view.js";

export interface Keeping {
  readonly place: HTMLElement;
  show(): void;
}

/** @param shown the settings of the controls @param loaded called with those of a training that was loaded */
export function openKeeping(
  training: Training,
  house: House,
  infos: Readonly<Record<ModelName, ModelInfo>>,
  shown: () => Settings,
  loaded: (settings: Settings) => void,
): Keeping {
  const note = element("p", { class: "muted" });
  const press = (title: string, work: () => Promise<string | undefined>) => {
    const button = element("button", { type: "button", click: () => void run() }, title);
    async function run() {
      button.disabled = true;
      try {
        const said = await work();
        if (said) house.announce(said);
      } catch (error) {
        house.notice(error);
      } finally {
        button.disabled = false;
        show();
      }
    }
    return button;
  };
  const work = () => training.work as NonNullable<Training["work"]>;
  const save = press("Save in this browser", async () => {
    const { keepTraining } = await import("../../training/kept-store.js");
    note.textContent = noteText(await keepTraining(training));
    return "The training is kept in this browser.";
  });
  const load = press("Load", async () => {
    const { resumeKept } = await import("../../training/kept-store.js");
    const settings = await resumeKept(training);
    if (settings) loaded(settings);
    return settings
      ? "The training goes on where it was kept."
      : "Nothing is kept in this browser.";
  });
  const hone = press("Hone model", async () => {
    const { session, settings } = work();
    const classNames = training.picture.judged?.classNames;
    const bytes = await session.save({ name: settings.model, ...(classNames && { classNames }) });
    download(`${settings.model}.hone`, bytes);
    return "The model was downloaded.";
  });
  const tfjs = press("tfjs model", async () => {
    const { session, settings } = work();
    const { tfjsFiles } = await import("../../training/to-tfjs.js");
    const files = await tfjsFiles(settings, await session.weights());
    for (const [name, bytes] of Object.entries(files)) download(name, bytes as BlobPart);
    return `${Object.keys(files).length} files were downloaded: keep them in one folder.`;
  });
  const code = element("code", {});
  const text = () => code.textContent ?? "";
  const place = element(
    "section",
    { class: "card keeping" },
    element("h2", {}, "Take it along"),
    element(
      "div",
      { class: "rows" },
      element(
        "div",
        {},
        element("h3", {}, "Keep"),
        element("div", { class: "buttons" }, save, load),
        note,
      ),
      element(
        "div",
        {},
        element("h3", {}, "Download"),
        element("div", { class: "buttons" }, hone, tfjs),
      ),
    ),
    element(
      "div",
      { class: "line" },
      element("h3", {}, "The code that does the same"),
      copyButton("Copy", text, house.announce),
    ),
    element("pre", { tabindex: 0, role: "region", "aria-label": "Code" }, code),
  );
  function show() {
    const there = training.work !== undefined && training.picture.phase !== "preparing";
    for (const button of [save, hone, tfjs]) button.disabled = !there;
    const kept = keptNote();
    load.disabled = kept === undefined;
    note.textContent = kept ? noteText(kept) : "Nothing is kept here yet.";
    const settings = training.picture.settings ?? shown();
    code.textContent = codeText(
      training.busy ? settings : shown(),
      infos[shown().model],
      house.choice,
    );
  }
  return { place, show };
}

function noteText({ settings, step, at }: KeptNote): string {
  const when = new Date(at).toLocaleString("en", { dateStyle: "medium", timeStyle: "short" });
  return `Kept ${when}: ${settings.model} on ${settings.data}, step ${step}.`;
}
