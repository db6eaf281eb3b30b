/** Decides, epoch by epoch, whether training still gets better. */
import { HoneError } from "../errors.js";
import { figureColumns, type Term } from "../graph/terms.js";
import { checkOptions, isFiniteNumber, type Option } from "./options.js";
import type { EpochEnd } from "./records.js";

/** When training ends by itself. */
export interface EarlyStopping {
  /** A figure in tfjs's spelling: `val_loss`, `loss`, `val_acc`, `val_age_mae`. `val_loss` unless given, or `loss`. */
  readonly monitor?: string;
  /** Whether it should fall or rise; known for all but functions, which should rise where their name holds `acc`. */
  readonly mode?: "auto" | "min" | "max";
  /** Epochs without improvement that are borne before training stops; 3 unless given. */
  readonly patience?: number;
  /** The least change that counts as an improvement; 0 unless given. */
  readonly minDelta?: number;
}

const OPTIONS: Readonly<Record<keyof EarlyStopping, Option>> = {
  monitor: { is: (value) => typeof value === "string", wanted: "the name of a figure" },
  mode: {
    is: (value) => value === "auto" || value === "min" || value === "max",
    wanted: '"auto", "min" or "max"',
  },
  patience: {
    is: (value) => Number.isInteger(value) && (value as number) >= 0,
    wanted: "a whole number of epochs",
  },
  minDelta: { is: isFiniteNumber, wanted: "a finite number" },
};

const OTHERS = {
  restoreBestWeights: "The best weights are always restored",
  verbose: "Hone prints nothing by itself",
  baseline: "Stop by `break` out of `session.steps(…)`",
};

/** What a rule has seen. */
export interface StoppingState {
  /** The best figure, its sign turned where more is better; Infinity before the first. */
  readonly best: number;
  readonly bestEpoch: number;
}

export class StoppingRule {
  readonly monitor: string;
  readonly #sign: 1 | -1;
  readonly #patience: number;
  readonly #minDelta: number;
  #best = Number.POSITIVE_INFINITY;
  bestEpoch = 0;

  /**
   * @param known what training will tell
   * @throws BadArgument for what it could never see, or a patience that is no count
   */
  constructor(
    options: EarlyStopping,
    known: { readonly validation: boolean; readonly terms: readonly Term[] },
  ) {
    checkOptions("early stopping", options, OPTIONS, OTHERS);
    this.monitor = options.monitor ?? (known.validation ? "val_loss" : "loss");
    this.#patience = options.patience ?? 3;
    this.#minDelta = options.minDelta ?? 0;
    const { monitor } = this;
    const columns = figureColumns(known.terms);
    const label = monitor.startsWith("val_") ? monitor.slice("val_".length) : monitor;
    const column = columns.find((one) => one.label === label);
    if (!column) {
      const names = columns.map((one) => one.label).join(", ");
      refuse(
        `there is no figure "${monitor}". Watch one of ${names}, with val_ before it for those of the validation`,
      );
    }
    if (label !== monitor && !known.validation) {
      refuse(`it watches ${monitor}, but there is no validation data. Give \`validation\``);
    }
    const rises = column.rises ?? label.includes("acc");
    const mode = options.mode ?? "auto";
    this.#sign = mode === "max" || (mode === "auto" && rises) ? -1 : 1;
  }

  get state(): StoppingState {
    return { best: this.#best, bestEpoch: this.bestEpoch };
  }

  /** Goes on from what another rule like it has seen. */
  restore({ best, bestEpoch }: StoppingState): void {
    this.#best = best;
    this.bestEpoch = bestEpoch;
  }

  /**
   * Figures of the training itself come from steps, each before its update. So the weights that go with the best
   * epoch are those it began with; those of a validation are those it ended with.
   */
  get keeps(): "start" | "end" {
    return this.monitor.startsWith("val_") ? "end" : "start";
  }

  /** Takes an epoch in. @returns whether it is the best so far, and whether to stop after it */
  observe({ epoch, figures }: EpochEnd): { readonly best: boolean; readonly stop: boolean } {
    const value = this.#sign * (figures[this.monitor] ?? Number.NaN);
    const best = value < this.#best - this.#minDelta;
    if (best) {
      this.#best = value;
      this.bestEpoch = epoch;
    }
    return { best, stop: !best && epoch - this.bestEpoch >= this.#patience };
  }
}

function refuse(what: string): never {
  throw new HoneError("BadArgument", "early stopping", `${what}.`);
}
