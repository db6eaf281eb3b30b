/** The network that learns to add, and how well it does: all of the Sequence view that is no DOM. */
import {
  compile,
  type Dataset,
  type SavedModel,
  type Session,
  type TrainingRecord,
} from "@hone/core/runtime";
import { openFile } from "../../models/open-site-model.js";
import type { House } from "../../view.js";
import {
  answers,
  COLUMNS,
  drawSums,
  encoded,
  type Sum,
  WIDTH,
  type Written,
  written,
} from "./sums.js";

export const TRAINED_ON = 4000;
export const TESTED_ON = 300;
const BATCH_SIZE = 32;
/** The training ends by itself long before. */
const EPOCHS = 500;

/** How it stands now. */
export interface Standing {
  readonly step: number;
  readonly epoch: number;
  readonly loss: number;
  readonly sumsPerSecond: number;
  /** Of the sums it has never seen, from 0 to 1: digits, and whole sums. */
  readonly digits: number;
  readonly whole: number;
  /** Of the first that it has never seen. */
  readonly shown: readonly (readonly Written[])[];
}

export class Pupil {
  /** Sums it never learns from. */
  readonly unseen: readonly Sum[];
  readonly session: Session<SavedModel>;
  readonly #train: Dataset;
  readonly #rows: Float32Array;

  private constructor(session: Session<SavedModel>, train: Dataset, unseen: readonly Sum[]) {
    this.session = session;
    this.#train = train;
    this.unseen = unseen;
    this.#rows = Float32Array.from(encoded(unseen));
  }

  /** One that knows nothing, on the page's device. @throws BackendUnavailable, BadModelFile */
  static async open(house: House): Promise<Pupil> {
    const [model, { dataset }, { adam }] = await Promise.all([
      openFile("sums"),
      import("@hone/data"),
      import("@hone/core/optimizers"),
    ]);
    const device = await house.device(model);
    const session = await compile(model, { device, optimizer: adam(3e-3), seed: 7 });
    const taken = new Set<string>();
    const unseen = drawSums(TESTED_ON, taken);
    const seen = drawSums(TRAINED_ON, taken);
    const train = await dataset({
      name: "sums",
      x: { data: encoded(seen), shape: [seen.length, COLUMNS, WIDTH] },
      y: { data: answers(seen), shape: [seen.length, COLUMNS] },
    });
    return new Pupil(session, train, unseen);
  }

  /** Learns, and tells after each stretch of steps. @throws as `Session.steps` */
  learn(options: {
    readonly learningRate: number;
    readonly signal: AbortSignal;
  }): AsyncGenerator<TrainingRecord, void> {
    return this.session.steps(this.#train, { epochs: EPOCHS, batchSize: BATCH_SIZE, ...options });
  }

  /** What it makes of the sums it has never seen. */
  async examine(shown: number): Promise<Pick<Standing, "digits" | "whole" | "shown">> {
    const { data } = await this.session.predict({
      data: this.#rows,
      shape: [this.unseen.length, COLUMNS, WIDTH],
    });
    const all = written(this.unseen, data);
    const right = all.map((digits) => digits.filter(({ right }) => right).length);
    return {
      digits: right.reduce((sum, count) => sum + count, 0) / (all.length * COLUMNS),
      whole: right.filter((count) => count === COLUMNS).length / all.length,
      shown: all.slice(0, shown),
    };
  }

  /** What it makes of one sum, digits from the right. */
  async answer(sum: Sum): Promise<Written[]> {
    const rows = { data: Float32Array.from(encoded([sum])), shape: [1, COLUMNS, WIDTH] };
    const { data } = await this.session.predict(rows);
    return written([sum], data)[0] as Written[];
  }

  close(): void {
    this.session.close();
  }
}
