/** Probabilities of the classes as bars. */
import { element } from "../../element.js";
import { percentText } from "../../show/words.js";

export interface Answers {
  readonly place: HTMLElement;
  show(classNames: readonly string[], probabilities: ArrayLike<number> | undefined): void;
}

export function openAnswers(): Answers {
  const list = element("ol", { class: "answers", "aria-label": "Probabilities" });
  let rows: readonly {
    readonly row: HTMLElement;
    readonly bar: HTMLElement;
    readonly text: HTMLElement;
  }[] = [];
  let names: readonly string[] = [];
  const make = (classNames: readonly string[]) => {
    names = classNames;
    rows = classNames.map((name) => {
      const bar = element("i");
      const text = element("small", {}, "–");
      const row = element(
        "li",
        {},
        element("b", {}, name),
        element("span", { class: "bar" }, bar),
        text,
      );
      return { row, bar, text };
    });
    list.replaceChildren(...rows.map(({ row }) => row));
  };
  return {
    place: list,
    show: (classNames, probabilities) => {
      if (`${names}` !== `${classNames}`) make(classNames);
      const best = probabilities && topOf(probabilities);
      rows.forEach(({ row, bar, text }, at) => {
        const share = probabilities?.[at] ?? 0;
        bar.style.transform = `scaleX(${share})`;
        text.textContent = probabilities ? percentText(share) : "–";
        row.classList.toggle("best", at === best);
      });
    },
  };
}

export function topOf(probabilities: ArrayLike<number>): number {
  let best = 0;
  for (let at = 1; at < probabilities.length; at++) {
    if ((probabilities[at] as number) > (probabilities[best] as number)) best = at;
  }
  return best;
}
