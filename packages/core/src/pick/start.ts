/**
 * Finds the first device that is ready: probed, opened, and right on problems whose answers are known.
 *
 * What tends to be fast is opened side by side as soon as its probe has answered. Plain JavaScript and a GPU emulated
 * in software compete with the others for the same processor, and are no good start where another works: they wait
 * until those have failed, or have taken long.
 */
import type { Backend, DeviceInfo, Probe } from "../backend.js";
import { HoneError } from "../errors.js";
import type { Graph } from "../graph/types.js";
import { messageOf } from "../value-text.js";
import { type Candidate, timeText } from "./candidate.js";
import { probeOf } from "./probe.js";
import type { Deadline } from "./race.js";
import { Runner } from "./runner.js";
import { noneReady, noneWorks, refusal } from "./words.js";

/** Opened at once. */
const PROMPT: readonly DeviceInfo["kind"][] = ["wasm", "gpu"];
/** How long the others leave those alone: wasm takes 0.1 to 0.4 s on a busy machine, and so does a GPU with its driver warm. */
const GRACE_MS = 1500;

export interface StartOptions {
  /** The function this is for, in errors. */
  readonly where: string;
  /** The user's own step, whose ops a device must have; all that a device has is tried unless given. */
  readonly graph: Graph | undefined;
  readonly deadline: Deadline | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((what: string) => void) | undefined;
}

export interface Started {
  readonly first: Runner;
  /** Once all probes have answered: the others that may work, opened or not, and those that were refused. */
  rest(): Promise<{ readonly runners: readonly Runner[]; readonly refused: readonly Candidate[] }>;
  /** What is known of the others now. @param reason why those that may work were not asked */
  others(reason: string): readonly Candidate[];
  /** Closes all but the first, whatever they are at. */
  closeOthers(): Promise<unknown>;
}

/** Probes that were begun, for each backend. */
export type Probes = readonly { readonly backend: Backend; readonly probe: Promise<Probe> }[];

export function askAll(backends: readonly Backend[]): Probes {
  return backends.map((backend) => ({ backend, probe: probeOf(backend) }));
}

/** @throws BackendUnavailable, with each one's reason; Aborted */
export async function startFirst(probes: Probes, options: StartOptions): Promise<Started> {
  const start = new Start(probes, options);
  try {
    const first = await start.first;
    const rest = async () => {
      await start.allAsked;
      const runners = start.runners.filter((runner) => runner !== first);
      return { runners, refused: start.refused };
    };
    const others = (reason: string) => start.others(first, reason);
    return { first, rest, others, closeOthers: () => start.closeAllBut(first) };
  } catch (error) {
    void start.closeAllBut(undefined);
    throw error;
  }
}

class Start {
  readonly first: Promise<Runner>;
  readonly allAsked: Promise<unknown>;
  /** Those that are not refused. */
  readonly runners: Runner[] = [];
  readonly refused: Candidate[] = [];
  readonly #probes: Probes;
  readonly #options: StartOptions;
  /** Those that leave others alone for a while. */
  readonly #waiting: Runner[] = [];
  /** Probes and starts that have not ended. */
  #busy: number;
  #isOver = false;
  #isClosed = false;
  #end: (outcome: Runner | HoneError) => void = () => {};

  constructor(probes: Probes, options: StartOptions) {
    this.#probes = probes;
    this.#options = options;
    this.#busy = probes.length;
    this.first = this.#found();
    this.allAsked = Promise.all(probes.map((one) => this.#ask(one)));
  }

  closeAllBut(kept: Runner | undefined): Promise<unknown> {
    this.#isOver = true;
    this.#isClosed = true;
    const others = this.runners.filter((runner) => runner !== kept);
    return Promise.all(others.map((runner) => runner.close()));
  }

  others(first: Runner, reason: string): readonly Candidate[] {
    const known = [first, ...this.refused].map(({ name }) => name);
    const rest = this.#backends.filter(({ name }) => !known.includes(name));
    const unasked = rest.map(({ name }): Candidate => ({ name, outcome: "not needed", reason }));
    return [...unasked, ...this.refused];
  }

  #found(): Promise<Runner> {
    const { deadline, signal, where } = this.#options;
    return new Promise((resolve, reject) => {
      const stop = () =>
        this.#end(
          new HoneError("Aborted", where, "stopped on request.", { cause: signal?.reason }),
        );
      const timers = [setTimeout(() => this.#letWaiting(), GRACE_MS)];
      if (deadline) {
        const leftMs = Math.max(0, deadline.atMs - performance.now());
        timers.push(setTimeout(() => this.#end(this.#late(deadline)), leftMs));
      }
      signal?.addEventListener("abort", stop);
      this.#end = (outcome) => {
        this.#isOver = true;
        for (const timer of timers) clearTimeout(timer);
        signal?.removeEventListener("abort", stop);
        if (outcome instanceof Runner) resolve(outcome);
        else reject(outcome);
      };
      if (signal?.aborted) stop();
    });
  }

  async #ask({ backend, probe }: Probes[number]): Promise<void> {
    const found = await probe;
    if (found.ok) {
      const runner = new Runner(backend, found.info.kind, found.hint);
      this.runners.push(runner);
      if (this.#isClosed) void runner.close();
      if (!this.#isOver) {
        if (!PROMPT.includes(runner.kind)) this.#waiting.push(runner);
        else void this.#start(runner);
      }
    } else {
      this.refused.push(refusal(backend.name, found.reason, found.hint));
    }
    this.#decided();
  }

  async #start(runner: Runner): Promise<void> {
    const { graph, onProgress } = this.#options;
    this.#busy++;
    try {
      onProgress?.(`opening ${runner.name}, and trying it on known answers`);
    } catch (error) {
      // A fault of the caller's own, which is to hear of it.
      this.#end(error as HoneError);
      return;
    }
    try {
      await runner.start(graph);
      if (!this.#isOver) this.#end(runner);
    } catch (error) {
      // Later than the first, the race meets the same refusal.
      if (!this.#isOver) {
        this.runners.splice(this.runners.indexOf(runner), 1);
        this.refused.push(refusal(runner.name, messageOf(error), runner.hint));
        void runner.close();
      }
    }
    this.#decided();
  }

  #letWaiting(): void {
    if (this.#isOver) return;
    for (const runner of this.#waiting.splice(0)) void this.#start(runner);
  }

  /** The last one that may still become ready has not. */
  #decided(): void {
    this.#busy--;
    if (this.#busy > 0 || this.#isOver) return;
    if (this.#waiting.length > 0) this.#letWaiting();
    else this.#end(noneWorks(this.#options.where, this.#backends, this.refused));
  }

  #late({ budgetMs }: Deadline): HoneError {
    const busy = this.#backends
      .filter(({ name }) => !this.refused.some((one) => one.name === name))
      .map(({ name }): Candidate => {
        const runner = this.runners.find((one) => one.name === name);
        const stage = runner ? runner.stage : "being asked whether it works here";
        const reason = `after ${timeText(budgetMs)} it was still ${stage}`;
        return { name, outcome: "dropped", reason };
      });
    return noneReady(this.#options.where, this.#backends, budgetMs, [...busy, ...this.refused]);
  }

  get #backends(): readonly Backend[] {
    return this.#probes.map(({ backend }) => backend);
  }
}
