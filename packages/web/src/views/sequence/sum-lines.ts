/** Sums with what the network has written: right digits and wrong ones told apart by colour, by a mark, and in words. */
import { element } from "../../element.js";
import { placesOf, type Sum, type Written } from "./sums.js";

/** Fills `line` with a sum and its answer. @param digits from the right; undefined before there are any */
export function showSum(line: HTMLElement, sum: Sum, digits: readonly Written[] | undefined): void {
  const { a, b } = sum;
  const question = element("span", { class: "question" }, `${a}+${b}=`);
  if (digits === undefined) {
    line.replaceChildren(question);
    return;
  }
  const places = placesOf(sum, digits);
  const shown = digits.slice(0, places).reverse();
  const text = shown.map(({ digit }) => digit).join("");
  const isRight = digits.every(({ right }) => right);
  const told = isRight ? "right" : `wrong, it is ${a + b}`;
  line.replaceChildren(
    question,
    element(
      "span",
      { class: "written", "aria-hidden": "true" },
      ...shown.map(({ digit, share, right }) =>
        element(
          "span",
          {
            class: right ? "digit right" : "digit wrong",
            style: `opacity: ${(0.35 + 0.65 * share).toFixed(2)}`,
            title: `${digit}, ${Math.round(100 * share)} % sure`,
          },
          `${digit}`,
        ),
      ),
    ),
    element(
      "span",
      { class: isRight ? "mark right" : "mark wrong", "aria-hidden": "true" },
      isRight ? "✓" : "✗",
    ),
    element("span", { class: "heard-only" }, `${text}, ${told}`),
  );
}
