/**
 * A training between its first step and its last: all that decides how it goes on, besides weights and slots.
 *
 * A mark is that as plain data. A training goes on from a mark as if nothing had happened, whether its device was
 * lost, the process ended, or somebody stopped looking.
 */
import type { FigureColumn } from "../graph/terms.js";
import { isSlot, type StateTensors } from "./checkpoint-tensors.js";
import type { StoppingRule, StoppingState } from "./early-stopping.js";
import { FigureSums, type FigureSumsState } from "./figure-sums.js";
import type { TrainOptions } from "./fit-options.js";
import type { EpochEnd } from "./records.js";
import type { StepFigures } from "./training-stepper.js";

/** Options that belong to one call of `fit` and change nothing that is computed. */
type OfTheCall = "signal" | "progressMs" | "resume" | "checkpoints";

/** The others: what decides a training. */
export function decidingOptions(given: TrainOptions): Omit<TrainOptions, OfTheCall> {
  const { signal: _signal, progressMs: _pace, resume: _resume, checkpoints: _to, ...rest } = given;
  return rest;
}

/** Options of `fit` that decide what is computed. */
export type RunOptions = Omit<TrainOptions, OfTheCall> & {
  readonly epochs: number;
  readonly batchSize: number;
  readonly shuffle: boolean;
};

/** What a training is on: a data set by its content, or what came in turn. */
export interface TrainedOn {
  readonly kind: "dataset" | "stream";
  /** Of a data set. */
  readonly rows?: number;
  readonly content?: number;
  /** Where a data set was given for it. */
  readonly validation?: { readonly rows: number; readonly content: number };
}

/** One way through rows on the device: an epoch of a data set, or a stream's shard. */
export interface Pass {
  /** Which order of the rows. */
  readonly order: number;
  /** Number of its first step, counted over the session. */
  readonly firstStep: number;
  /** Steps taken. */
  readonly step: number;
}

/** What an epoch held before the present pass. */
export interface Before {
  readonly steps: number;
  readonly rows: number;
  /** Passes of this epoch, and of all epochs. */
  readonly passes: number;
  readonly allPasses: number;
}

export interface RunMark {
  readonly options: RunOptions;
  readonly on: TrainedOn;
  /** Number of the training's first step, counted over the session: schedules count from there. */
  readonly firstStep: number;
  /** From 1. */
  readonly epoch: number;
  readonly before: Before;
  /** Undefined before the first step of one. */
  readonly pass: Pass | undefined;
  /** Of this epoch. */
  readonly sums: FigureSumsState | undefined;
  readonly epochMs: number;
  readonly ended: readonly EpochEnd[];
  readonly stopping: StoppingState | undefined;
  /** Weights of the best epoch so far, and those this one began with, where early stopping wants them. */
  readonly best: StateTensors | undefined;
  readonly start: StateTensors | undefined;
}

/** Where a session stands. */
export interface SessionMark {
  /** Steps taken since it began. */
  readonly step: number;
  /** Orders of the rows drawn since then. */
  readonly epochs: number;
  /** The training it is in, if it is in one. */
  readonly run: RunMark | undefined;
}

/** Steps enqueued together, whose figures are still to come. */
export interface Chunk {
  readonly count: number;
  readonly figures: Promise<readonly StepFigures[]>;
}

export const NOTHING: Before = { steps: 0, rows: 0, passes: 0, allPasses: 0 };

export class TrainingRun {
  readonly options: RunOptions;
  readonly on: TrainedOn;
  readonly columns: readonly FigureColumn[];
  readonly stopping: StoppingRule | undefined;
  readonly firstStep: number;
  epoch: number;
  before: Before;
  pass: Pass | undefined;
  sums: FigureSums | undefined;
  epochMs: number;
  ended: readonly EpochEnd[];
  best: StateTensors | undefined;
  start: StateTensors | undefined;
  /** Enqueued, and not yet taken in. */
  readonly outstanding: Chunk[] = [];
  /** Rows of each step of the pass. */
  rowsOf: (step: number) => number = () => 0;

  constructor(
    mark: Pick<RunMark, "options" | "on" | "firstStep"> & Partial<RunMark>,
    parts: {
      readonly columns: readonly FigureColumn[];
      readonly stopping: StoppingRule | undefined;
    },
  ) {
    this.columns = parts.columns;
    this.stopping = parts.stopping;
    this.options = mark.options;
    this.on = mark.on;
    this.firstStep = mark.firstStep;
    this.epoch = mark.epoch ?? 1;
    this.before = mark.before ?? NOTHING;
    this.pass = mark.pass;
    this.sums = mark.sums && new FigureSums(parts.columns, mark.sums);
    this.epochMs = mark.epochMs ?? 0;
    this.ended = mark.ended ?? [];
    this.best = mark.best;
    this.start = mark.start;
    if (mark.stopping) this.stopping?.restore(mark.stopping);
  }

  /** Goes back to where it was, or to where another process was. */
  returnTo(mark: RunMark): void {
    this.outstanding.length = 0;
    this.epoch = mark.epoch;
    this.before = mark.before;
    this.pass = mark.pass;
    this.sums = mark.sums && new FigureSums(this.columns, mark.sums);
    this.epochMs = mark.epochMs;
    this.ended = mark.ended;
    this.best = mark.best;
    this.start = mark.start;
    if (mark.stopping) this.stopping?.restore(mark.stopping);
  }

  /** Milliseconds of training in the epochs that have ended. */
  get trainedMs(): number {
    return this.ended.reduce((sum, { seconds }) => sum + seconds * 1000, 0);
  }

  /** Where it stands, as of the steps that were taken in. */
  mark(): RunMark {
    const { options, on, firstStep, epoch, before, pass, epochMs, ended, best, start } = this;
    return {
      options,
      on,
      firstStep,
      epoch,
      before,
      pass,
      sums: this.sums?.state,
      epochMs,
      ended,
      stopping: this.stopping?.state,
      best,
      start,
    };
  }

  /** Takes in a step of the present pass. */
  takeIn({ figures }: StepFigures): void {
    const pass = this.pass as Pass;
    this.sums ??= new FigureSums(this.columns);
    this.sums.add(figures, this.rowsOf(pass.step));
    this.pass = { ...pass, step: pass.step + 1 };
  }

  /**
   * Where it will stand after the steps that are enqueued; the run itself stays where it is.
   * @returns undefined where one of those was not finite @throws as the device does
   */
  async markAhead(): Promise<RunMark | undefined> {
    const mark = this.mark();
    const chunks = this.outstanding.map(({ figures }) => figures);
    if (chunks.length === 0) return mark;
    const { rowsOf } = this;
    const sums = new FigureSums(this.columns, mark.sums);
    let pass = mark.pass as Pass;
    for (const steps of await Promise.all(chunks)) {
      for (const { loss, norm, figures } of steps) {
        if (!Number.isFinite(loss) || !Number.isFinite(norm)) return undefined;
        sums.add(figures, rowsOf(pass.step));
        pass = { ...pass, step: pass.step + 1 };
      }
    }
    return { ...mark, pass, sums: sums.state };
  }
}

/** Whether a training has come to its end: what there is to do by its options, or by early stopping. */
export function isOver({
  epoch,
  options,
  ended,
}: Pick<RunMark, "epoch" | "options" | "ended">): boolean {
  return epoch > options.epochs || ended.at(-1)?.stopped !== undefined;
}

/** Weights alone, out of a whole state. */
export function withoutSlots(tensors: StateTensors): StateTensors {
  return new Map([...tensors].filter(([name]) => !isSlot(name)));
}
