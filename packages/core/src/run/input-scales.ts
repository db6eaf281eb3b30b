/**
 * How a session's inputs are scaled, learned from the data sets it has met: bytes given to `predict` are scaled as the
 * data set's were, and a first prediction far outside of what was trained on is worth a warning.
 */
import { columnSpec } from "./data-plan.js";
import { type Column, columnOf, type Dataset } from "./dataset.js";
import type { InputRows, Scaling } from "./rows.js";

interface Met {
  readonly bytes: boolean;
  readonly min: number;
  readonly max: number;
}

/** Values looked at to know a column's range. */
const SAMPLE = 65_536;
/** Ranges by which a value may lie outside. */
const FAR = 10;

export class InputScales {
  readonly #met = new Map<string, Met>();
  /** Of the last bytes met: numbers met since say nothing of how bytes are scaled. */
  readonly #bytes = new Map<string, Scaling>();
  readonly #looked = new Set<string>();

  /** Remembers what a training or an evaluation has met. @param inputs the column of each input */
  learn(dataset: Dataset, inputs: Readonly<Record<string, string>>): void {
    for (const [input, column] of Object.entries(inputs)) {
      const met = columnOf(dataset, column);
      this.#met.set(input, metIn(met));
      const { scale, offset } = met;
      if (columnSpec(met).dtype === "uint8") this.#bytes.set(input, { scale, offset });
    }
  }

  /** How bytes are scaled, by input: what `restore` takes. */
  get saved(): Readonly<Record<string, Scaling>> {
    return Object.fromEntries(this.#bytes);
  }

  restore(saved: Readonly<Record<string, Scaling>>): void {
    for (const [input, { scale, offset }] of Object.entries(saved)) {
      this.#bytes.set(input, { scale, offset });
    }
  }

  /** What bytes for this input are scaled by. */
  of(input: string): Scaling | undefined {
    return this.#bytes.get(input);
  }

  /** A warning, once for each input, when the first rows lie far outside of what the session has learned from. */
  warningFor(input: string, rows: InputRows): string | undefined {
    const met = this.#met.get(input);
    if (met === undefined || this.#looked.has(input)) return undefined;
    this.#looked.add(input);
    const reach = FAR * Math.max(met.max - met.min, 1e-6);
    const far = rows.find((value) => value < met.min - reach || value > met.max + reach);
    if (far === undefined) return undefined;
    return `predict was given ${far} for "${input}", and training had values from ${met.min} to ${met.max}. Scale the rows as the data was${met.bytes ? ", or give them as bytes" : ""}.`;
  }
}

function metIn(column: Column): Met {
  const { scale, offset, data } = column;
  const bytes = columnSpec(column).dtype === "uint8";
  if (bytes) {
    const ends = [offset, 255 * scale + offset];
    return { bytes, min: Math.min(...ends), max: Math.max(...ends) };
  }
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const stride = Math.max(1, Math.floor(data.length / SAMPLE));
  for (let at = 0; at < data.length; at += stride) {
    const value = (data[at] as number) * scale + offset;
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  return { bytes, min, max };
}
