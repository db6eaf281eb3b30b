/** One class: its name, its pictures, and the ways to add some. */
import { element } from "../../element.js";
import { seenBy } from "./camera.js";
import type { KeptPicture, TaughtClass } from "./examples.js";
import type { PictureForm } from "./front.js";

/** Pictures of a class that are shown. */
const SHOWN = 12;

export interface CardActions {
  /** Pictures are wanted from now on, until `false`. */
  readonly hold: (card: ClassCard, holds: boolean) => void;
  readonly files: (card: ClassCard, files: readonly File[]) => void;
  readonly remove: (card: ClassCard) => void;
  readonly changed: () => void;
}

export class ClassCard {
  readonly place: HTMLElement;
  readonly taught: TaughtClass;
  readonly #count = element("span", { class: "count muted" });
  readonly #shown = element("div", { class: "thumbs", "aria-hidden": "true" });
  readonly #hold = element("button", { type: "button", class: "hold" });
  readonly #remove = element("button", { type: "button", class: "quiet" }, "Delete class");
  readonly #empty = element("button", { type: "button", class: "quiet" }, "Empty");
  readonly #name: HTMLInputElement;
  readonly #files: HTMLInputElement;
  readonly #actions: CardActions;
  /** Its pictures as they were taken: brought to one form and another, they lose nothing by that. */
  #taken: KeptPicture[] = [];
  #holds = false;

  constructor(name: string, actions: CardActions) {
    this.taught = { name, pictures: [] };
    this.#actions = actions;
    this.#name = element("input", {
      class: "class-name",
      type: "text",
      value: name,
      maxlength: 40,
      "aria-label": "Name of the class",
      input: () => this.#rename(),
    });
    this.#files = element("input", {
      type: "file",
      accept: "image/*",
      multiple: true,
      change: () => this.#chosen(),
    });
    this.#remove.addEventListener("click", () => actions.remove(this));
    this.#empty.addEventListener("click", () => this.empty());
    this.#listenToHolding();
    this.place = element(
      "section",
      { class: "card class-card" },
      element("div", { class: "card-head" }, this.#name, this.#count),
      this.#shown,
      element(
        "div",
        { class: "card-tools" },
        this.#hold,
        element("label", { class: "file-button" }, this.#files, element("span", {}, "Files")),
        this.#empty,
        this.#remove,
      ),
    );
    this.#listenToDrops();
    this.#show();
  }

  add(picture: KeptPicture): void {
    this.#taken.push(picture);
    this.taught.pictures.push(picture);
    this.#shown.prepend(thumbOf(picture));
    while (this.#shown.childElementCount > SHOWN) this.#shown.lastElementChild?.remove();
    this.#show();
    this.#actions.changed();
  }

  /** Brings its pictures to another form. */
  async become(form: PictureForm): Promise<void> {
    const taken = this.#taken;
    const made = await Promise.all(taken.map((picture) => seenBy(picture, form)));
    if (taken !== this.#taken) return; // Emptied meanwhile.
    // What was added meanwhile stays behind them.
    this.taught.pictures = [...made, ...this.taught.pictures.slice(made.length)];
  }

  empty(): void {
    this.#taken = [];
    this.taught.pictures = [];
    this.#shown.replaceChildren();
    this.#show();
    this.#actions.changed();
  }

  /** @param isCamera whether holding records, rather than adding what is drawn */
  adapt(isCamera: boolean, mayGo: boolean): void {
    this.#hold.textContent = isCamera ? "Hold to record" : "Add the drawing";
    this.#remove.hidden = !mayGo;
    this.#label();
  }

  /** For who hears one button after another, of several cards. */
  #label(): void {
    const { name } = this.taught;
    this.#hold.setAttribute("aria-label", `${this.#hold.textContent} for ${name}`);
    this.#remove.setAttribute("aria-label", `Delete class ${name}`);
    this.#files.setAttribute("aria-label", `Files for ${name}`);
    this.#empty.setAttribute("aria-label", `Empty ${name}`);
  }

  #show(): void {
    const { length } = this.taught.pictures;
    this.#count.textContent = length === 1 ? "1 picture" : `${length} pictures`;
    this.#empty.hidden = length === 0;
  }

  #rename(): void {
    this.taught.name = this.#name.value.trim() || "Nameless";
    this.#label();
    this.#actions.changed();
  }

  #chosen(): void {
    this.#actions.files(this, [...(this.#files.files ?? [])]);
    // The same file may be chosen again.
    this.#files.value = "";
  }

  #setHolds(holds: boolean): void {
    if (holds === this.#holds) return;
    this.#holds = holds;
    this.#hold.classList.toggle("held", holds);
    this.#actions.hold(this, holds);
  }

  #listenToHolding(): void {
    const isKey = ({ key }: KeyboardEvent) => key === " " || key === "Enter";
    const listeners: Readonly<Record<string, (event: never) => void>> = {
      pointerdown: (event: PointerEvent) => {
        if (event.button !== 0) return;
        this.#hold.setPointerCapture(event.pointerId);
        this.#setHolds(true);
      },
      pointerup: () => this.#setHolds(false),
      pointercancel: () => this.#setHolds(false),
      // A finger that rests must not open a menu.
      contextmenu: (event: Event) => event.preventDefault(),
      keydown: (event: KeyboardEvent) => {
        if (!isKey(event)) return;
        event.preventDefault();
        this.#setHolds(true);
      },
      keyup: (event: KeyboardEvent) => {
        if (isKey(event)) this.#setHolds(false);
      },
      blur: () => this.#setHolds(false),
      // A screen reader presses without holding: it takes one picture.
      click: (event: MouseEvent) => {
        if (event.detail !== 0) return;
        this.#setHolds(true);
        this.#setHolds(false);
      },
    };
    for (const [name, listener] of Object.entries(listeners)) {
      this.#hold.addEventListener(name, listener as EventListener);
    }
  }

  #listenToDrops(): void {
    const marked = (on: boolean) => (event: DragEvent) => {
      event.preventDefault();
      this.place.classList.toggle("over", on);
    };
    this.place.addEventListener("dragover", marked(true));
    this.place.addEventListener("dragleave", marked(false));
    this.place.addEventListener("drop", (event) => {
      marked(false)(event);
      this.#actions.files(this, [...(event.dataTransfer?.files ?? [])]);
    });
  }
}

/** A picture as it was learned from: small, and square. */
function thumbOf({ data, width, height }: KeptPicture): HTMLCanvasElement {
  const canvas = element("canvas", { width, height });
  const pixels = new ImageData(width, height);
  const channels = data.length / (width * height);
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let colour = 0; colour < 3; colour++) {
      pixels.data[pixel * 4 + colour] = data[pixel * channels + (colour % channels)] as number;
    }
    pixels.data[pixel * 4 + 3] = 255;
  }
  // Small and many: a GPU would have more work with them than they are worth.
  canvas.getContext("2d", { willReadFrequently: true })?.putImageData(pixels, 0, 0);
  return canvas;
}
