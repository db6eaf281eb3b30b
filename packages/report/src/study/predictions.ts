/** Predicted classes as text short enough for a file a run, and readable there. */
import { HoneError, typedErrors } from "@hone/core";
import type { StudyPredictions } from "./records.js";

const BASE = 36;
const DIGITS = 4;
const WHOLE = 10 ** DIGITS;

/** What a model said of each test image. */
export interface Predictions {
  readonly classes: ArrayLike<number>;
  /** From 0 to 1. */
  readonly confidence: ArrayLike<number>;
}

/** @throws BadArgument for a class above 35 */
export function encodePredictions(given: Predictions): StudyPredictions {
  return typedErrors("encodePredictions", () => {
    const { classes, confidence } = given;
    const names = Array.from(classes);
    const beyond = names.find((index) => !(index >= 0 && index < BASE));
    if (beyond !== undefined) {
      const what = `class ${beyond} has no character. Give classes from 0 to ${BASE - 1}.`;
      throw new HoneError("BadArgument", "encodePredictions", what);
    }
    return {
      classes: names.map((index) => index.toString(BASE)).join(""),
      confidence: Array.from(confidence, (value) =>
        `${Math.min(WHOLE - 1, Math.max(0, Math.round(value * WHOLE)))}`.padStart(DIGITS, "0"),
      ).join(""),
    };
  });
}

/** @throws BadData unless both texts are of the form `encodePredictions` gives, and equally long */
export function decodePredictions(given: StudyPredictions): Predictions {
  return typedErrors("decodePredictions", () => {
    const { classes, confidence } = given;
    const rows = classes.length;
    if (!/^[0-9a-z]*$/.test(classes) || !/^\d*$/.test(confidence)) {
      throw refuse("they hold other characters than classes and digits");
    }
    if (confidence.length !== DIGITS * rows) {
      throw refuse(`${rows} classes stand beside ${confidence.length / DIGITS} confidences`);
    }
    return {
      classes: Int32Array.from(classes, (character) => Number.parseInt(character, BASE)),
      confidence: Float64Array.from(
        { length: rows },
        (_, row) => Number(confidence.slice(DIGITS * row, DIGITS * (row + 1))) / WHOLE,
      ),
    };
  });
}

function refuse(what: string): HoneError {
  return new HoneError("BadData", "predictions of a run", `${what}. Run it again.`);
}
