/** The course of the Sequence view's training: runs, pauses, begins anew, and ends by itself when nothing is left to learn. */
import type { House } from "../../view.js";
import { Pupil, type Standing } from "./pupil.js";

export type Phase = "idle" | "opening" | "learning" | "paused" | "done";

export interface Watcher {
  readonly phase: (phase: Phase) => void;
  /** Sums are there, and how well each is added. @param steps since it began */
  readonly standing: (standing: Standing, pupil: Pupil) => void;
  /** There is a pupil that knows nothing yet. */
  readonly begun: (pupil: Pupil) => void;
}

/** So many looks in a row without a mistake, and it has learned. */
const ENOUGH = 3;

export class Learning {
  readonly #house: House;
  readonly #watcher: Watcher;
  readonly #shown: number;
  #phase: Phase = "idle";
  #pupil: Pupil | undefined;
  #ending = new AbortController();
  #closed = false;
  #pausing: (() => void) | undefined;
  #paused: Promise<void> | undefined;
  readonly #endSwitch: () => void;

  constructor(house: House, shown: number, watcher: Watcher) {
    this.#house = house;
    this.#shown = shown;
    this.#watcher = watcher;
    this.#endSwitch = house.onSwitch((device) => this.#pupil?.session.moveTo(device));
  }

  get phase(): Phase {
    return this.#phase;
  }

  get pupil(): Pupil | undefined {
    return this.#pupil;
  }

  /** Opens a pupil that knows nothing. @throws BackendUnavailable, BadModelFile */
  async open(): Promise<void> {
    this.#set("opening");
    const pupil = await Pupil.open(this.#house);
    if (this.#closed) return pupil.close();
    this.#pupil = pupil;
    this.#watcher.begun(pupil);
    this.#set("idle");
  }

  /** Learns until it is paused, closed, or knows all. */
  async run(learningRate: number): Promise<void> {
    if (this.#pausing) {
      this.#pausing();
      this.#pausing = undefined;
      this.#set("learning");
      return;
    }
    const pupil = this.#pupil;
    if (!pupil || this.#phase === "learning") return;
    this.#ending = new AbortController();
    const { signal } = this.#ending;
    this.#set("learning");
    try {
      await this.#learn(pupil, learningRate, signal);
      if (!signal.aborted) this.#set("done");
    } catch (error) {
      if (signal.aborted) return;
      this.#set("idle");
      this.#house.notice(error);
    }
  }

  pause(): void {
    if (this.#phase !== "learning") return;
    this.#paused = new Promise((resolve) => {
      this.#pausing = resolve;
    });
    this.#set("paused");
  }

  /** Forgets all that it has learned. @throws as `open` */
  async again(): Promise<void> {
    this.#end();
    await this.open();
  }

  close(): void {
    this.#closed = true;
    this.#endSwitch();
    this.#end();
  }

  async #learn(pupil: Pupil, learningRate: number, signal: AbortSignal): Promise<void> {
    let right = 0;
    for await (const record of pupil.learn({ learningRate, signal })) {
      if (record.kind === "moved") continue;
      const seen = await pupil.examine(this.#shown);
      if (signal.aborted) return;
      const { epoch, imagesPerSecond: sumsPerSecond, figures } = record;
      const { step } = pupil.session;
      const loss = figures.loss ?? Number.NaN;
      this.#watcher.standing({ step, epoch, sumsPerSecond, loss, ...seen }, pupil);
      right = seen.whole === 1 ? right + 1 : 0;
      if (right >= ENOUGH) return;
      await this.#paused;
      this.#paused = undefined;
      if (signal.aborted) return;
    }
  }

  #end(): void {
    this.#ending.abort();
    this.#pausing?.();
    this.#pausing = undefined;
    this.#pupil?.close();
    this.#pupil = undefined;
  }

  #set(phase: Phase): void {
    this.#phase = phase;
    if (!this.#closed) this.#watcher.phase(phase);
  }
}
