/**
 * How a session's inputs are scaled, learned from the data sets it has met: bytes given to `predict` are scaled as the
 * data set's were, and a first prediction far outside of what was trained on is worth a warning.
 */
import type { InputRows, Scaling } from "./rows.js";

/** Values that an input had. */
export interface Met {
  readonly bytes: boolean;
  readonly min: number;
  readonly max: number;
}

/** Ranges by which a value may lie outside. */
const FAR = 10;

export class InputScales {
  readonly #met = new Map<string, Met>();
  /** Of the last bytes met: numbers met since say nothing of how bytes are scaled. */
  readonly #bytes = new Map<string, Scaling>();
  readonly #looked = new Set<string>();

  /** Remembers what an input was trained or judged on. @param scaling of bytes; undefined for other numbers */
  learn(input: string, met: Met, scaling: Scaling | undefined): void {
    this.#met.set(input, met);
    if (scaling) this.#bytes.set(input, scaling);
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
