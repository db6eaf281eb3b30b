/**
 * Goes on looking for a faster device while a session works on the first one that was ready, and moves the session there
 * where that pays.
 *
 * Looking costs the work something, since a page has few processors: it begins with the first work there is, not before; the
 * others get ready one after another, each for a share of what is left; times are taken between two steps, when
 * neither of two that are compared disturbs the other; and of little work that is left nothing is given away.
 */
import type { Device } from "../backend.js";
import { timeText } from "../pick/candidate.js";
import type { Told } from "../pick/picked-device.js";
import { type RaceResult, race } from "../pick/race.js";
import { type Begun, firstOf, type PickRequest, soonestFirst } from "../pick/request.js";
import type { Runner } from "../pick/runner.js";
import { sayOnce } from "../pick/words.js";
import type { Lookout, Worker } from "../run/lookout.js";
import { gainOf } from "./gain.js";
import { type WorkLeft, workLeft } from "./work-left.js";

/** With less work than this left, getting another device ready (a second or so, beside it) cannot pay. */
const LEAST_WORK_MS = 5000;

const NOT_YET = "it is measured beside the work, once there is enough of that";

type Raced = Pick<RaceResult, "ready" | "lost" | "wrong">;

export class Scout implements Lookout {
  /** Resolves when it looks no further. */
  readonly settled: Promise<void>;
  readonly #request: PickRequest;
  readonly #begun: Begun;
  readonly #device: Device;
  #told: Told;
  #state: "waiting" | "looking" | "done" = "waiting";
  #isClosed = false;
  #settle: () => void = () => {};
  #predictions = 0;
  /** Where sessions are better off, and where they would go. */
  #better: { readonly runner: Runner; readonly isOnlyRight: boolean } | undefined;
  /** The others, once they are looked at. */
  #runners: readonly Runner[] = [];
  readonly #moved = new WeakSet<Worker>();
  #spentMs: number;

  /** @param spentMs until the first was ready */
  constructor(request: PickRequest, begun: Begun, spentMs: number) {
    this.#request = request;
    this.#begun = begun;
    this.#device = begun.first.device;
    this.#spentMs = spentMs;
    this.#told = firstOf(request.where, begun.first, begun.others(NOT_YET));
    // Work that is short measures nobody, and what has begun to open would stay open for nothing.
    void begun.closeOthers();
    this.settled = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  get told(): Told {
    return this.#told;
  }

  looked(worker: Worker): void {
    const training = workLeft(worker);
    if (training === undefined) this.#predictions++;
    if (this.#isClosed || worker.isClosed || worker.home.device !== this.#device) return;
    const steps = this.#stepsLeft(training);
    if (steps === undefined || steps <= 0) return;
    if (this.#state === "done") void this.#consider(worker, steps);
    if (this.#state !== "waiting") return;
    const { milliseconds = LEAST_WORK_MS } = training ?? {};
    if (milliseconds < LEAST_WORK_MS) return;
    this.#state = "looking";
    void this.#look(worker, steps).finally(() => {
      this.#state = "done";
      this.#settle();
    });
  }

  /** Closes all it has opened, at once or as soon as that has opened. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#settle();
    this.#begun.first.release();
    await this.#closeAllBut(undefined);
  }

  /** Of the kind that was asked for; undefined while the session does nothing of it. */
  #stepsLeft(training: WorkLeft | undefined): number | undefined {
    const { mode, steps } = this.#begun.work;
    if (mode === "train") return training && (training.steps ?? steps);
    return training ? undefined : steps - this.#predictions;
  }

  /** Never throws: what is in use works, whatever becomes of the others. */
  async #look(worker: Worker, steps: number): Promise<void> {
    try {
      const raced = await this.#race(worker, steps);
      if (this.#isClosed) return;
      await this.#judge(raced);
      await this.#consider(worker, this.#stepsLeft(workLeft(worker)) ?? 0);
      await this.#closeAllBut(this.#moved.has(worker) ? this.#better?.runner : undefined);
    } catch {
      await this.#closeAllBut(undefined);
    }
  }

  async #race(worker: Worker, steps: number): Promise<Raced> {
    const { first, work, graph, rest } = this.#begun;
    const { deadline, options } = this.#request;
    const { runners, refused } = await rest();
    this.#runners = soonestFirst(runners).map((runner) => runner.anew());
    if (this.#isClosed) return { ready: [], lost: [], wrong: [] };
    const leftMs = Math.max(0, (deadline?.budgetMs ?? 0) - this.#spentMs);
    const { ready, lost, wrong } = await race([first, ...this.#runners], {
      work: { ...work, steps },
      graph,
      deadline: deadline && { ...deadline, atMs: performance.now() + leftMs },
      inUse: first,
      leastMs: LEAST_WORK_MS,
      atRest: async (task) => (await worker.kept()).survival.atRest(task),
      onProgress: options.onProgress,
    });
    return { ready, lost: [...lost, ...refused], wrong };
  }

  /** What was found, in words, and for the next time. */
  async #judge({ ready, lost, wrong: found }: Raced): Promise<void> {
    const { first } = this.#begun;
    const { steps } = this.#begun.work;
    const isRight = ready.includes(first);
    const fastest = [...ready].sort((a, b) => stepMs(a) - stepMs(b))[0];
    for (const runner of ready) runner.release();
    const wrong = found.includes(first)
      ? lost.find(({ name, outcome }) => name === first.name && outcome === "refused")
      : undefined;
    if (wrong && fastest === undefined) {
      const what = `${first.name} computes wrong and no other device is left: ${wrong.reason}. Check what it gives.`;
      sayOnce(this.#request.where, what);
    }
    if (fastest && fastest !== first && (isRight || wrong)) {
      this.#better = { runner: fastest, isOnlyRight: wrong !== undefined };
      void fastest.device.lost.then(() => {
        this.#better = undefined;
      });
    }
    const total = (runner: Runner) => runner.figuresFor(steps).totalMs;
    const [best, ...others] = [...ready].sort((a, b) => total(a) - total(b));
    // Without a figure of the first there is nothing to compare; a want of room for a second program says nothing of it.
    if (best === undefined || !(isRight || wrong)) {
      this.#told = firstOf(this.#request.where, first, lost);
    }
    // Who was alone in the end, for want of time or work, has not been compared with anybody.
    else if (others.length === 0 && lost.some(({ outcome }) => outcome === "not needed")) {
      this.#told = firstOf(this.#request.where, first, lost);
    } else {
      this.#told = this.#request.measured(best, others, lost);
      await this.#request.keep(best, this.#told);
    }
  }

  async #consider(worker: Worker, steps: number): Promise<void> {
    const better = this.#better;
    if (!better || worker.isClosed || this.#moved.has(worker)) return;
    const reason = this.#reasonFor(better.runner, steps, better.isOnlyRight);
    if (reason === undefined || worker.home.device !== this.#device) return;
    // Once for each: one that has come back from there had its reasons.
    this.#moved.add(worker);
    try {
      await (await worker.kept()).moveTo(better.runner.device, reason);
    } catch {
      this.#moved.delete(worker);
      // One that was closed meanwhile says nothing of the device.
      if (!worker.isClosed) this.#better = undefined;
    }
  }

  /** The figures that speak for a move; undefined where they do not. */
  #reasonFor(better: Runner, steps: number, isOnlyRight: boolean): string | undefined {
    const { first } = this.#begun;
    if (isOnlyRight) {
      const found = this.#told.candidates.find(({ name }) => name === first.name);
      return `${first.name} computes wrong: ${found?.reason}`;
    }
    const savedMs = gainOf(paceOf(first), paceOf(better), steps);
    if (savedMs === undefined) return undefined;
    const { mode } = this.#begun.work;
    const unit = mode === "train" ? "step" : "prediction";
    const paces = `${better.name} takes ${timeText(stepMs(better))} a ${unit}, ${first.name} ${timeText(stepMs(first))}`;
    const left = `${steps.toLocaleString("en-US")} ${unit}s that are left`;
    return `${paces}: ${timeText(savedMs)} less for the ${left}, the move counted in`;
  }

  async #closeAllBut(kept: Runner | undefined): Promise<void> {
    if (kept === undefined) this.#better = undefined;
    this.#begun.first.release();
    const closing = this.#runners
      .filter((runner) => runner !== kept)
      .map((runner) => runner.close());
    await Promise.all(closing);
  }
}

function stepMs({ figures }: Runner): number {
  return figures.stepMs ?? Number.POSITIVE_INFINITY;
}

function paceOf(runner: Runner) {
  return { stepMs: stepMs(runner), compileMs: runner.figures.compileMs };
}
