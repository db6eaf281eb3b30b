/** The page itself: menu, backend, notices, and one view at a time. */
import { isHoneError } from "@hone/core/runtime";
import { element } from "../element.js";
import type { Training } from "../training/training.js";
import type { House } from "../view.js";
import { BackendMenu } from "./backend-menu.js";
import { type BackendChoice, isBackendChoice } from "./backend-names.js";
import { DeviceDesk } from "./device-desk.js";
import { addressText, backendIn, pageState, readAddress } from "./page-state.js";
import { openTheme } from "./theme-switch.js";
import { type ViewEntry, views } from "./views.js";

/** Fills the page and shows the view that its address names. */
export function openHouse(page: HTMLElement): House {
  const place = element("main", { id: "view", tabindex: -1 });
  const notices = element("div", { class: "notices", role: "alert" });
  const voice = element("div", { class: "heard-only", role: "status", "aria-live": "polite" });
  const asked = backendIn(location.hash);
  const desk = new DeviceDesk(isBackendChoice(asked) ? asked : "auto", () => menu.show());
  const state = pageState(() => (desk.choice === "auto" ? undefined : desk.choice));
  let training: Promise<Training> | undefined;
  const house: House = {
    training: () => {
      training ??= import("../training/training.js").then(({ Training }) => new Training(house));
      return training;
    },
    device: (model) => desk.device(model),
    get choice() {
      return desk.choice;
    },
    switchTo: async (choice: BackendChoice) => {
      await desk.switchTo(choice);
      state.write(state.read());
    },
    onSwitch: (move) => desk.onSwitch(move),
    state,
    announce: (text) => {
      voice.textContent = text;
    },
    notice: (error) => notices.append(noticeOf(error)),
  };
  const menu = new BackendMenu(desk, house);
  const links = new Map(
    views.map(({ name, title }) => [name, element("a", { href: `#${name}` }, title)]),
  );
  const nav = element("nav", { "aria-label": "Views" }, ...links.values());
  const skip = element("a", { class: "skip", href: "#view", click: skipTo(place) }, "To the view");
  page.append(
    skip,
    element(
      "header",
      {},
      element(
        "a",
        { class: "brand", href: "#train", "aria-label": "Hone, to the first view" },
        "hone",
      ),
      nav,
      element("div", { class: "tools" }, menu.place, openTheme()),
    ),
    notices,
    place,
    voice,
  );
  const shown = new Stage(place, house, links);
  window.addEventListener("hashchange", () => shown.follow());
  shown.follow();
  return house;
}

/** To what stands behind the menu, which the address cannot name: it names the view. */
const skipTo = (place: HTMLElement) => (event: Event) => {
  event.preventDefault();
  place.focus();
};

/** Shows one view after another. */
class Stage {
  readonly #place: HTMLElement;
  readonly #house: House;
  readonly #links: ReadonlyMap<string, HTMLElement>;
  #shown: ViewEntry | undefined;
  #takeDown: () => void = () => {};
  #turn = 0;

  constructor(place: HTMLElement, house: House, links: ReadonlyMap<string, HTMLElement>) {
    this.#place = place;
    this.#house = house;
    this.#links = links;
  }

  /** Shows what the address names, where that is another view. */
  follow(): void {
    const { view: named } = readAddress(location.hash);
    const entry = views.find(({ name }) => name === named) ?? (views[0] as ViewEntry);
    if (entry.name !== named) history.replaceState(null, "", addressText(entry.name, {}));
    if (entry !== this.#shown) void this.#show(entry);
  }

  async #show(entry: ViewEntry): Promise<void> {
    const first = this.#shown === undefined;
    this.#shown = entry;
    this.#turn++;
    const turn = this.#turn;
    this.#takeDown();
    this.#takeDown = () => {};
    this.#place.replaceChildren();
    for (const [name, link] of this.#links) {
      if (name === entry.name) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    document.title = `${entry.title} · Hone`;
    try {
      const view = await entry.load();
      if (turn !== this.#turn) return;
      const takeDown = await view.mount(this.#place, this.#house);
      if (turn !== this.#turn) return takeDown();
      this.#takeDown = takeDown;
      this.#place.dataset.view = entry.name;
      if (!first) this.#house.announce(`${entry.title} is shown.`);
    } catch (error) {
      this.#house.notice(error);
    }
  }
}

function noticeOf(error: unknown): HTMLElement {
  const text = error instanceof Error ? error.message : `${error}`;
  const line = element("p", { class: "notice" }, text.replace("[hone] ", ""));
  if (!isHoneError(error)) console.error(error);
  line.append(
    element("button", { type: "button", class: "quiet", click: () => line.remove() }, "Put away"),
  );
  return line;
}
