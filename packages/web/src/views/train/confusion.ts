/** Who is taken for whom: a grid whose cells open the pictures behind them, walked by the arrow keys. */
import { element } from "../../element.js";
import { greyPicture } from "../../show/grey-picture.js";
import { percentText } from "../../show/words.js";
import {
  type Judged,
  pictureOf,
  type Sample,
  samplesOf,
  surestMistakes,
} from "../../training/judged.js";

const MOST_SHOWN = 24;

export interface Confusion {
  readonly place: HTMLElement;
  show(judged: Judged | undefined): void;
}

export function openConfusion(announce: (text: string) => void): Confusion {
  const grid = element("table", {
    class: "confusion",
    role: "grid",
    "aria-label": "Confusion matrix",
  });
  const title = element("h3", {});
  const tiles = element("ul", { class: "samples" });
  const back = element(
    "button",
    { type: "button", class: "quiet", click: () => open(undefined) },
    "Surest mistakes",
  );
  const place = element(
    "section",
    { class: "card", hidden: true },
    element("h2", {}, "What it takes for what"),
    element(
      "div",
      { class: "halves" },
      element(
        "div",
        {},
        element(
          "p",
          { class: "muted" },
          "Rows are what a picture is, columns what the network says. A cell opens its pictures.",
        ),
        element("div", { class: "scrolled" }, grid),
      ),
      element("div", {}, element("div", { class: "line" }, title, back), tiles),
    ),
  );
  let judged: Judged | undefined;
  let gridOf: readonly string[] = [];
  let opened: readonly [number, number] | undefined;
  let at: readonly [number, number] = [0, 0];

  function open(cell: readonly [number, number] | undefined, said = true) {
    opened = cell;
    if (judged === undefined) return;
    const { classNames } = judged;
    const samples = cell
      ? samplesOf(judged, cell[0], cell[1], MOST_SHOWN)
      : surestMistakes(judged, MOST_SHOWN);
    title.textContent = cell
      ? `${classNames[cell[0]]} taken for ${cell[0] === cell[1] ? "itself" : classNames[cell[1]]}: ${judged.confusion[cell[0]]?.[cell[1]] ?? 0}`
      : "Surest mistakes";
    back.hidden = cell === undefined;
    const shownTo = judged;
    tiles.replaceChildren(...samples.map((sample) => tileOf(shownTo, sample)));
    if (samples.length === 0) tiles.append(element("li", { class: "muted" }, "None."));
    if (said && cell) announce(`${title.textContent}. ${samples.length} pictures are shown.`);
    for (const button of grid.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", `${button.dataset.cell === `${cell}`}`);
    }
  }

  function walk(event: KeyboardEvent) {
    const way = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[
      event.key
    ];
    if (way === undefined || judged === undefined) return;
    event.preventDefault();
    const most = judged.classNames.length - 1;
    const clamp = (value: number) => Math.min(most, Math.max(0, value));
    point([clamp(at[0] + (way[0] as number)), clamp(at[1] + (way[1] as number))])?.focus();
  }

  /** One cell of the grid is reached by Tab, and the others from there. */
  function point(cell: readonly [number, number]): HTMLButtonElement | null {
    grid.querySelector(`[data-cell="${at}"]`)?.setAttribute("tabindex", "-1");
    at = cell;
    const button = grid.querySelector<HTMLButtonElement>(`[data-cell="${at}"]`);
    button?.setAttribute("tabindex", "0");
    return button;
  }

  grid.addEventListener("keydown", walk);
  grid.addEventListener("click", ({ target }) => {
    const cell = (target as Element).closest("button")?.dataset.cell?.split(",").map(Number);
    if (cell) {
      point(cell as [number, number] & number[]);
      open(cell as [number, number] & number[]);
    }
  });
  return {
    place,
    show: (given) => {
      judged = given;
      place.hidden = given === undefined;
      if (given === undefined) return;
      const focused = grid.contains(document.activeElement);
      // Cells that are there are filled anew: making a hundred buttons each epoch would cost more.
      if (`${gridOf}` !== `${given.classNames}`) makeGrid(grid, given.classNames);
      gridOf = given.classNames;
      fillGrid(grid, given);
      const button = point(at);
      if (focused) button?.focus();
      open(opened, false);
    },
  };
}

function makeGrid(grid: HTMLTableElement, classNames: readonly string[]): void {
  const head = (scope: string, name: string) => element("th", { scope, title: name }, name);
  const rows = classNames.map((name, truth) => {
    const cells = classNames.map((_, answer) => {
      const cell = `${truth},${answer}`;
      const button = element("button", { type: "button", tabindex: -1, "data-cell": cell });
      return element("td", { role: "gridcell" }, button);
    });
    return element("tr", { role: "row" }, head("row", name), ...cells);
  });
  const heads = classNames.map((name) => head("col", name));
  grid.replaceChildren(
    element("thead", {}, element("tr", { role: "row" }, element("td"), ...heads)),
    element("tbody", {}, ...rows),
  );
  grid.classList.toggle(
    "wordy",
    classNames.some((name) => name.length > 2),
  );
}

function fillGrid(grid: HTMLTableElement, { confusion, classNames }: Judged): void {
  const buttons = grid.querySelectorAll("button");
  confusion.forEach((row, truth) => {
    const total = Math.max(
      1,
      row.reduce((sum, count) => sum + count, 0),
    );
    row.forEach((count, answer) => {
      const button = buttons[truth * classNames.length + answer] as HTMLButtonElement;
      const label = `${classNames[truth]} taken for ${classNames[answer]}: ${count}`;
      button.textContent = count === 0 ? "" : `${count}`;
      button.className = truth === answer ? "right" : count > 0 ? "wrong" : "none";
      button.style.setProperty("--share", `${Math.round((100 * count) / total)}%`);
      button.setAttribute("aria-label", label);
    });
  });
}

function tileOf(judged: Judged, { row, truth, answer, probability }: Sample): HTMLElement {
  const { classNames } = judged;
  const said = `${classNames[answer]}, ${percentText(probability)}`;
  const label =
    truth === answer
      ? `Picture ${row}: ${said}`
      : `Picture ${row}, ${classNames[truth]}, taken for ${said}`;
  const picture = greyPicture(pictureOf(judged, row), { width: 28, height: 28, light: 255, label });
  const sure = element("small", {}, percentText(probability));
  const words =
    truth === answer
      ? element("span", {}, `${classNames[answer]}`)
      : element(
          "span",
          {},
          `${classNames[truth]} `,
          element("b", { class: "bad" }, `→ ${classNames[answer]}`),
        );
  return element("li", {}, picture, words, sure);
}
