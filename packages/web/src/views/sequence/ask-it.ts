/** A sum of the visitor's own, and what the network makes of it. */
import { element } from "../../element.js";
import type { House } from "../../view.js";
import type { Pupil } from "./pupil.js";
import { showSum } from "./sum-lines.js";
import { readSum } from "./sums.js";

export interface AskIt {
  readonly place: HTMLElement;
  /** Asks again: the network has learned since. */
  show(): void;
}

export function askIt(house: House, pupil: () => Pupil | undefined): AskIt {
  const result = element("output", { class: "sum", for: "own-sum" });
  const fault = element("p", { class: "fault", id: "own-sum-fault" });
  const input = element("input", {
    id: "own-sum",
    type: "text",
    value: "999+1",
    autocomplete: "off",
    inputmode: "text",
    "aria-describedby": "own-sum-fault",
    input: () => ask(),
  });
  let asking = false;
  const ask = () => {
    const sum = readSum(input.value);
    const isFault = typeof sum === "string";
    fault.textContent = isFault ? sum : "";
    input.setAttribute("aria-invalid", `${isFault}`);
    const asked = pupil();
    if (isFault || !asked) return result.replaceChildren();
    if (asking) return;
    asking = true;
    asked
      .answer(sum)
      .then((digits) => {
        if (asked === pupil()) showSum(result, sum, digits);
      })
      .catch((error) => {
        // One that was closed meanwhile has nothing to say.
        if (asked === pupil()) house.notice(error);
      })
      .finally(() => {
        asking = false;
        const now = readSum(input.value);
        const isOld = typeof now !== "string" && (now.a !== sum.a || now.b !== sum.b);
        if (isOld) ask();
      });
  };
  return {
    place: element(
      "div",
      { class: "ask" },
      element("label", { for: "own-sum" }, "Your own sum"),
      element("div", { class: "asked" }, input, result),
      fault,
    ),
    show: ask,
  };
}
