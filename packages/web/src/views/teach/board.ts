/** The classes of the Teach view: their cards, what adds to them, and how many there may be. */
import { element } from "../../element.js";
import type { House } from "../../view.js";
import { seenBy } from "./camera.js";
import { ClassCard } from "./class-card.js";
import { LEAST_CLASSES, MOST_CLASSES, type TaughtClass } from "./examples.js";
import { OWN_FORM, type PictureForm } from "./front.js";
import type { SourcePanel } from "./source-panel.js";

/** Between two pictures of a recording. */
const EVERY_MS = 100;

export class Board {
  readonly place = element("div", { class: "classes" });
  readonly #cards: ClassCard[] = [];
  readonly #add = element("button", { type: "button", class: "add" }, "Add a class");
  readonly #house: House;
  readonly #source: SourcePanel;
  readonly #changed: () => void;
  #form: PictureForm = OWN_FORM;
  #recording: ClassCard | undefined;
  #made = 0;
  #ended = false;

  constructor(house: House, source: SourcePanel, changed: () => void) {
    this.#house = house;
    this.#source = source;
    this.#changed = changed;
    this.#add.addEventListener("click", () => {
      this.#addClass();
      this.adapt();
      this.#cards.at(-1)?.place.querySelector("input")?.focus();
      changed();
    });
    for (let at = 0; at < LEAST_CLASSES; at++) this.#addClass();
    this.adapt();
  }

  get classes(): readonly TaughtClass[] {
    return this.#cards.map(({ taught }) => taught);
  }

  /** Whether pictures are being taken. */
  get records(): boolean {
    return this.#recording !== undefined;
  }

  /** To where pictures come from now, and how many classes there are. */
  adapt(): void {
    for (const card of this.#cards) {
      card.adapt(this.#source.name !== "draw", this.#cards.length > LEAST_CLASSES);
    }
    this.#add.hidden = this.#cards.length >= MOST_CLASSES;
    this.place.replaceChildren(...this.#cards.map(({ place }) => place), this.#add);
  }

  /** What pictures are taken as. */
  get form(): PictureForm {
    return this.#form;
  }

  /** From now on pictures are of this form, and those that are kept become so. */
  async become(form: PictureForm): Promise<void> {
    this.#form = form;
    await Promise.all(this.#cards.map((card) => card.become(form)));
  }

  end(): void {
    this.#ended = true;
    this.#recording = undefined;
  }

  #addClass(): void {
    this.#made++;
    this.#cards.push(
      new ClassCard(`Class ${this.#made}`, {
        hold: (card, holds) => void this.#hold(card, holds),
        files: (card, files) => void this.#take(card, files),
        remove: (card) => this.#remove(card),
        changed: this.#changed,
      }),
    );
  }

  #remove(card: ClassCard): void {
    this.#cards.splice(this.#cards.indexOf(card), 1);
    this.#house.announce(`${card.taught.name} is deleted.`);
    this.adapt();
    this.#add.focus();
    this.#changed();
  }

  async #hold(card: ClassCard, holds: boolean): Promise<void> {
    if (!holds) {
      if (this.#recording === card) this.#recording = undefined;
      return;
    }
    // The first press asks for the camera; the next one records.
    if (!this.#source.source) return this.#source.choose("camera");
    if (this.#recording) return;
    this.#recording = card;
    const isCamera = this.#source.name === "camera";
    try {
      do {
        const { source } = this.#source;
        const picture = await source?.picture(this.#form);
        if (this.#ended) return;
        if (picture) {
          card.add(picture);
          source?.taken();
        } else if (!isCamera) this.#house.announce("The sheet is empty.");
        await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
      } while (isCamera && this.#recording === card);
    } catch (error) {
      this.#house.notice(error);
    } finally {
      if (this.#recording === card) this.#recording = undefined;
      this.#house.announce(`${card.taught.pictures.length} pictures of ${card.taught.name}.`);
    }
  }

  async #take(card: ClassCard, files: readonly File[]): Promise<void> {
    for (const file of files) {
      try {
        card.add(await seenBy(file, this.#form));
      } catch (error) {
        this.#house.notice(error);
      }
      if (this.#ended) return;
    }
    this.#house.announce(`${card.taught.pictures.length} pictures of ${card.taught.name}.`);
  }
}
