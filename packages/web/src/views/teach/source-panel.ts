/** Where pictures come from: the camera, which is asked for when it is first wanted, or a sheet of paper. */
import { element } from "../../element.js";
import { cameraFault, openCamera, type PictureSource } from "./camera.js";
import { drawingPad } from "./drawing-pad.js";

export type SourceName = "camera" | "draw";

export class SourcePanel {
  readonly place: HTMLElement;
  readonly #stage = element("div", { class: "stage" });
  readonly #fault = element("p", { class: "fault", role: "status" });
  readonly #tabs: Readonly<Record<SourceName, HTMLButtonElement>>;
  readonly #changed: (name: SourceName) => void;
  readonly #drawn: () => void;
  #source: PictureSource | undefined;
  #name: SourceName | undefined;
  #turn = 0;

  /** @param drawn called when there is another drawing */
  constructor(changed: (name: SourceName) => void, drawn: () => void) {
    this.#changed = changed;
    this.#drawn = drawn;
    const tab = (name: SourceName, text: string) =>
      element(
        "button",
        { type: "button", "aria-pressed": "false", click: () => void this.choose(name) },
        text,
      );
    this.#tabs = { camera: tab("camera", "Camera"), draw: tab("draw", "Draw") };
    this.place = element(
      "section",
      { class: "card source", "aria-labelledby": "source" },
      element(
        "div",
        { class: "card-head" },
        element("h2", { id: "source" }, "Show it"),
        element(
          "div",
          { class: "switch", role: "group", "aria-label": "Where pictures come from" },
          this.#tabs.camera,
          this.#tabs.draw,
        ),
      ),
      this.#stage,
      this.#fault,
    );
  }

  get name(): SourceName | undefined {
    return this.#name;
  }

  get source(): PictureSource | undefined {
    return this.#source;
  }

  /** Goes over to another source; to the sheet where there is no camera. */
  async choose(name: SourceName): Promise<void> {
    if (name === this.#name) return;
    this.#turn++;
    const turn = this.#turn;
    this.#fault.textContent = "";
    let source: PictureSource;
    try {
      source = name === "camera" ? await openCamera() : drawingPad(this.#drawn);
    } catch (error) {
      if (turn !== this.#turn) return;
      this.#fault.textContent = cameraFault(error);
      return;
    }
    if (turn !== this.#turn) return source.end();
    this.#source?.end();
    this.#source = source;
    this.#name = name;
    this.#stage.replaceChildren(source.place);
    for (const [one, button] of Object.entries(this.#tabs)) {
      button.setAttribute("aria-pressed", `${one === name}`);
    }
    this.#changed(name);
  }

  end(): void {
    this.#turn++;
    this.#source?.end();
    this.#source = undefined;
  }
}
