/**
 * Copies of a session's state on the host: what there is to go back to when training fails, or when its device does.
 *
 * Two are kept. The newest holds no NaN and is what another device goes on from. A step may have ruined the weights all
 * the same, so that every loss from there is NaN; so the one to return to when training diverges is older: a step that
 * began from it had a finite loss.
 */
import type { TypedArray } from "../backend.js";

/** Weights and slots by the names of their buffers. */
export type StateTensors = ReadonlyMap<string, TypedArray>;

/** Whether a tensor of that name is an optimizer's slot. */
export const isSlot = (name: string) => name.startsWith("slot.");

/** A session's state after some step. */
export interface Snapshot<Mark> {
  readonly tensors: StateTensors;
  /** Where the session stood. */
  readonly mark: Mark;
}

const INTERVAL_MS = 2000;

export class Snapshots<Mark> {
  readonly #trained: readonly string[] | undefined;
  #newest: Snapshot<Mark>;
  #proven: Snapshot<Mark>;
  #trusted: Snapshot<Mark>;
  #dueMs = 0;

  /**
   * @param first the state that the session begins with
   * @param trained weights, by the names of their tensors; frozen ones may hold what they like. Any state is sound where
   * none are given
   */
  constructor(first: Snapshot<Mark>, trained?: readonly string[]) {
    this.#trained = trained;
    this.#newest = first;
    this.#proven = first;
    this.#trusted = first;
  }

  /** The last state without NaN. */
  get newest(): Snapshot<Mark> {
    return this.#newest;
  }

  /** The last state that a finite step began from. */
  get proven(): Snapshot<Mark> {
    return this.#proven;
  }

  /** The last state that a device had which computed right afterwards. */
  get trusted(): Snapshot<Mark> {
    return this.#trusted;
  }

  /** True now and then, and then not again for a while: time for another one. @param always true in any case */
  isDue(always = false): boolean {
    if (!always && performance.now() < this.#dueMs) return false;
    this.#dueMs = performance.now() + INTERVAL_MS;
    return true;
  }

  /** A step that began from the newest was finite. */
  prove(): void {
    this.#proven = this.#newest;
  }

  /** The device was found to compute right. */
  trust(): void {
    this.#trusted = this.#newest;
  }

  /** Takes the state after a step that was finite. @returns false where it is ruined; it is not kept then */
  offer(snapshot: Snapshot<Mark>): boolean {
    if (!this.isSound(snapshot.tensors)) return false;
    this.#newest = snapshot;
    return true;
  }

  /** Whether something can be trained from these. A second moment may well have grown to Infinity. */
  isSound(tensors: StateTensors): boolean {
    if (this.#trained === undefined) return true;
    return (
      this.#trained.every((name) => everyIs(Number.isFinite, tensors.get(name))) &&
      [...tensors].every(([name, values]) => !isSlot(name) || everyIs(isNumber, values))
    );
  }

  /** The state was set from outside: there is nothing before it to go back to. */
  reset(snapshot: Snapshot<Mark>): void {
    this.#newest = snapshot;
    this.#proven = snapshot;
    this.#trusted = snapshot;
  }

  /** The session has moved on without a step: an epoch was judged, another begun. */
  remark(mark: Mark): void {
    this.#newest = { ...this.#newest, mark };
  }
}

const isNumber = (value: number) => !Number.isNaN(value);

function everyIs(rule: (value: number) => boolean, values: TypedArray | undefined): boolean {
  if (values === undefined) return true;
  for (let at = 0; at < values.length; at++) if (!rule(values[at] as number)) return false;
  return true;
}
