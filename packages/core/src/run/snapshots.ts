/** Copies of weights and slots on the host, to return to when training fails or has passed its best. */
import type { TypedArray } from "../backend.js";
import type { Engine } from "./engine.js";

const INTERVAL_MS = 2000;

export interface Snapshot {
  /** Steps taken when it was made. */
  readonly step: number;
  readonly values: readonly TypedArray[];
}

export class Snapshots {
  readonly #engine: Engine;
  readonly #weights: readonly string[];
  readonly #all: readonly string[];
  #last: Snapshot | undefined;
  #unproven: Snapshot | undefined;
  #start: Snapshot | undefined;
  #best: readonly TypedArray[] | undefined;
  #dueMs = 0;

  constructor(engine: Engine, slots: readonly string[]) {
    this.#engine = engine;
    this.#weights = engine.weights.map(({ name }) => name);
    this.#all = [...this.#weights, ...slots.map((slot) => `slots.${slot}`)];
  }

  /** Steps taken when the last good snapshot was made. */
  get step(): number {
    return this.#last?.step ?? 0;
  }

  /**
   * Reads `buffer`, and now and then a snapshot of the same moment with it.
   * @param always with a snapshot in any case: at the end of an epoch
   */
  async read(
    buffer: string,
    step: number,
    always: boolean,
  ): Promise<{ values: TypedArray; snapshot?: Snapshot }> {
    const due = always || performance.now() >= this.#dueMs;
    if (due) this.#dueMs = performance.now() + INTERVAL_MS;
    const names = due ? [buffer, ...this.#all] : [buffer];
    const [values, ...copies] = await this.#engine.executable.read(names);
    return {
      values: values as TypedArray,
      ...(due ? { snapshot: { step, values: copies } } : {}),
    };
  }

  /**
   * Every step up to now was finite. The last of them may have ruined the weights all the same, so the
   * snapshot made after it is the one to return to only once a step from there was finite too.
   */
  accept(snapshot: Snapshot | undefined): void {
    this.#last = this.#unproven ?? this.#last;
    this.#unproven = snapshot;
  }

  /** Takes one now. */
  async take(step: number): Promise<void> {
    this.#last = { step, values: await this.#engine.executable.read(this.#all) };
  }

  /** Takes one at the end of an epoch whose steps were all finite. @param step taken until then */
  async end(step: number): Promise<void> {
    this.accept({ step, values: await this.#engine.executable.read(this.#all) });
  }

  restore(): void {
    if (this.#last) this.#engine.writeBuffers(this.#all, this.#last.values);
  }

  /** An epoch begins: from the state of the last snapshot, which the end of an epoch always makes. */
  beginEpoch(): void {
    this.#start = this.#unproven ?? this.#last;
  }

  /** Keeps the weights that this epoch began with, or those of now. */
  async keepBest(which: "start" | "end"): Promise<void> {
    this.#best =
      which === "start"
        ? this.#start?.values.slice(0, this.#weights.length)
        : await this.#engine.executable.read(this.#weights);
  }

  restoreBest(): void {
    if (this.#best) this.#engine.writeWeights(this.#best);
  }
}
