/** Which backend computes, why, and the choice of another one. */

import { element } from "../element.js";
import type { House } from "../view.js";
import { BACKEND_CHOICES, type BackendChoice, isBackendChoice } from "./backend-names.js";
import type { DeviceDesk } from "./device-desk.js";

const TITLES: Readonly<Record<BackendChoice, string>> = {
  auto: "Fastest",
  webgpu: "WebGPU",
  wasm: "WebAssembly",
  cpu: "JavaScript",
};

export class BackendMenu {
  readonly place: HTMLElement;
  readonly #desk: DeviceDesk;
  readonly #select: HTMLSelectElement;
  readonly #name = element("span", { class: "device" });
  readonly #why = element("p");
  readonly #without = element("p", { class: "muted" });

  constructor(desk: DeviceDesk, house: House) {
    this.#desk = desk;
    const change = () => {
      const chosen = this.#select.value;
      if (!isBackendChoice(chosen)) return;
      this.#select.disabled = true;
      house
        .switchTo(chosen)
        .then(() => house.announce(`Computes on ${TITLES[chosen]}.`), house.notice)
        .finally(() => {
          this.#select.disabled = false;
          this.show();
        });
    };
    this.#select = element(
      "select",
      { change, "aria-label": "Backend" },
      ...BACKEND_CHOICES.map((value) => element("option", { value }, TITLES[value])),
    );
    const details = element(
      "details",
      { class: "why" },
      element("summary", {}, this.#name),
      element("div", { class: "sheet" }, this.#why, this.#without),
    );
    this.place = element("div", { class: "backend" }, this.#select, details);
    this.show();
  }

  /** Says what is known now. */
  show(): void {
    this.#select.value = this.#desk.choice;
    const opened = this.#desk.opened;
    if (opened === undefined) {
      this.#name.textContent = "opens with the first use";
      this.#why.textContent = "Nothing computes yet.";
      return;
    }
    opened.then(
      (device) => {
        this.#name.textContent = device.info.description;
        this.#why.textContent = device.why;
        this.#without.textContent = device.hint ?? "";
      },
      () => {},
    );
  }
}
