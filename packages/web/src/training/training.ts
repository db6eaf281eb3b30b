/**
 * The page's one training. It belongs to the house and not to a view: it goes on while another view is shown, and Draw
 * asks it while it learns.
 */
import { adam } from "@hone/core/optimizers";
import {
  type Checkpoint,
  compile,
  type Device,
  isHoneError,
  type SavedModel,
  type Session,
  type TrainingRecord,
  type TrainOptions,
} from "@hone/core/runtime";
import { oneCycle } from "@hone/core/schedules";
import type { DatasetPair } from "@hone/data";
import { openSet } from "../data/open-set.js";
import type { Services } from "../house/services.js";
import { type ModelInfo, modelInfos, openSiteModel } from "../models/open-site-model.js";
import { accuracySince } from "./accuracy-since.js";
import { Gate } from "./gate.js";
import { judgedOf } from "./judged.js";
import { emptyPicture, type Phase, type TrainingPicture } from "./picture.js";
import { extrasOf, type Settings } from "./settings.js";

/** All that a running training is made of. */
interface Work {
  readonly settings: Settings;
  readonly info: ModelInfo;
  readonly data: DatasetPair;
  readonly session: Session<SavedModel>;
}

export class Training {
  readonly #house: Services;
  readonly #listeners = new Set<(what: "all" | "progress" | "epoch") => void>();
  #work: Work | undefined;
  #picture: TrainingPicture = emptyPicture();
  #gate = new Gate();
  #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();
  /** Steps on the visitor's drawings, one after another. */
  #lesson: Promise<unknown> = Promise.resolve();

  constructor(house: Services) {
    this.#house = house;
    house.onSwitch(async (device) => {
      await this.#work?.session.moveTo(device);
      this.#tell("all");
    });
  }

  /** What there is to show. */
  get picture(): TrainingPicture {
    return this.#picture;
  }

  /** The trained model, and what it was trained on; undefined before the first training. */
  get work(): Work | undefined {
    return this.#work;
  }

  /** On which device the session is. */
  get device(): Device | undefined {
    return this.#work?.session.device;
  }

  get busy(): boolean {
    return ["preparing", "training", "paused"].includes(this.#picture.phase);
  }

  /** `told` hears of every change: of "all", of "progress", or of an "epoch" that is judged. @returns what ends that */
  onChange(told: (what: "all" | "progress" | "epoch") => void): () => void {
    this.#listeners.add(told);
    return () => this.#listeners.delete(told);
  }

  /** Gets what a training needs before it is asked for: nothing is downloaded but the demo's own files. */
  getReady(settings: Settings): void {
    const model = openSiteModel(settings.model, settings.seed);
    model.then((known) => this.#house.device(known)).catch(() => {});
    if (settings.data !== "digits") return;
    openSet("digits", () => {}).then(
      ({ train }) => {
        this.#picture = { ...this.#picture, taste: train };
        this.#tell("all");
      },
      () => {},
    );
  }

  /** A new training, from first weights or from a checkpoint. What goes wrong is noticed, and ends it. */
  async begin(settings: Settings, resume?: Checkpoint): Promise<void> {
    await this.stop();
    await this.#lesson;
    const { taste } = this.#picture;
    this.#picture = { ...emptyPicture(), phase: "preparing", settings, taste };
    this.#stopping = new AbortController();
    this.#gate = new Gate();
    this.#tell("all");
    this.#running = this.#guarded(async (signal) => {
      const work = await this.#prepared(settings, signal, resume);
      await this.#train(work, signal, resume ? {} : optionsOf(work));
    });
    return this.#running;
  }

  /** Goes on with a training that was paused, or that was stopped in the middle; trains further one that is over. */
  async goOn(): Promise<void> {
    const work = this.#work;
    const { phase } = this.#picture;
    if (phase === "paused") {
      this.#enter("training");
      return this.#gate.open();
    }
    if (work === undefined || this.busy) return;
    await this.#lesson;
    this.#stopping = new AbortController();
    this.#gate = new Gate();
    this.#enter("training");
    const options = phase === "stopped" ? { resume: true } : optionsOf(work);
    this.#running = this.#guarded((signal) => this.#train(work, signal, options));
    return this.#running;
  }

  pause(): void {
    if (this.#picture.phase !== "training") return;
    this.#gate.close();
    this.#enter("paused");
  }

  /** Resolves when nothing trains any more. The weights are those of the last step. */
  async stop(): Promise<void> {
    if (!this.busy) return;
    this.#stopping.abort();
    this.#gate.open();
    await this.#running;
  }

  /** Probabilities of the classes for one picture's bytes, and how long that took. */
  async predict(
    pixels: Uint8Array,
  ): Promise<{ readonly probabilities: Float32Array; readonly ms: number }> {
    const session = (this.#work as Work).session;
    const began = performance.now();
    const { data } = await session.predict(pixels);
    return { probabilities: data, ms: performance.now() - began };
  }

  /** One step on labelled pictures, which begins when nothing else trains. @throws as `trainOnBatch` */
  learn(x: Uint8Array, y: Uint8Array): Promise<void> {
    const work = this.#work as Work;
    const rows = { data: x, shape: [y.length, 28, 28] };
    const step = this.#lesson.then(() => work.session.trainOnBatch(rows, y));
    this.#lesson = step.catch(() => {});
    return step.then(() => {});
  }

  async #prepared(settings: Settings, signal: AbortSignal, resume?: Checkpoint): Promise<Work> {
    const say = (doing: string) => {
      this.#picture = { ...this.#picture, doing };
      this.#tell("all");
    };
    say("Gets model and data ready");
    const [model, infos, data] = await Promise.all([
      openSiteModel(settings.model, settings.seed),
      modelInfos(),
      openSet(settings.data, say, signal).catch((error: unknown) => {
        // What is trained next needs no download.
        if (isHoneError(error, "BadData")) this.#choose({ ...settings, data: "digits" });
        throw error;
      }),
    ]);
    say("Opens a device");
    const device = await this.#house.device(model);
    signal.throwIfAborted();
    this.#work?.session.close();
    this.#work = undefined;
    const session = await compile(model, {
      device,
      seed: settings.seed,
      ...(resume ? { resume } : { optimizer: adam(settings.rate) }),
      signal,
    });
    this.#work = { settings, info: infos[settings.model], data, session };
    this.#picture = { ...this.#picture, taste: data.train };
    this.#enter("training");
    return this.#work;
  }

  async #train(work: Work, signal: AbortSignal, options: TrainOptions): Promise<void> {
    const { session, data } = work;
    let last = 0;
    for await (const record of session.steps(data.train, { ...options, progressMs: 120 })) {
      this.#take(record);
      if (record.kind === "epoch-end") {
        await this.#judge(work, record.epoch);
        if (record.epoch === record.epochs) last = record.epoch;
      }
      await this.#gate.passed();
      if (signal.aborted && last === 0) break;
    }
    this.#enter(signal.aborted && last === 0 ? "stopped" : "done");
    const { accuracy } = this.#picture.judged ?? {};
    const so =
      accuracy === undefined ? "" : ` ${percent(accuracy)} of the test pictures are right.`;
    this.#house.announce(`${this.#picture.phase === "done" ? "Trained." : "Stopped."}${so}`);
  }

  #take(record: TrainingRecord): void {
    const picture = this.#picture;
    if (record.kind === "progress") {
      let { steps } = picture;
      for (const loss of record.losses) picture.losses.add(++steps, loss);
      picture.accuracies.add(steps, accuracySince(picture.progress, record));
      this.#picture = { ...picture, steps, progress: record, doing: "" };
      this.#tell("progress");
    } else if (record.kind === "moved") {
      const move = `At step ${record.step} from ${record.from} to ${record.to}: ${record.reason}`;
      this.#picture = { ...picture, moves: [...picture.moves, move] };
      this.#tell("all");
    } else {
      this.#picture = { ...picture, epochs: [...picture.epochs, { record, judged: undefined }] };
    }
  }

  /** The test set after an epoch. */
  async #judge({ session, data }: Work, epoch: number): Promise<void> {
    const judged = judgedOf(await session.evaluate(data.test), data.test);
    const weights = await session.weights();
    const { loss, accuracy } = judged;
    const epochs = this.#picture.epochs.map((row) =>
      row.record.epoch === epoch && row.judged === undefined
        ? { ...row, judged: { loss, accuracy, step: this.#picture.steps } }
        : row,
    );
    this.#picture = { ...this.#picture, epochs, judged, weights };
    this.#tell("epoch");
  }

  /** Runs it; an error is noticed and ends the training. */
  async #guarded(run: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { signal } = this.#stopping;
    try {
      await run(signal);
    } catch (error) {
      if (signal.aborted || isHoneError(error, "Aborted")) return this.#enter("stopped");
      this.#enter("failed");
      this.#house.notice(error);
    }
  }

  #choose(settings: Settings): void {
    this.#picture = { ...this.#picture, settings };
  }

  #enter(phase: Phase): void {
    this.#picture = { ...this.#picture, phase, doing: "" };
    this.#tell("all");
  }

  #tell(what: "all" | "progress" | "epoch"): void {
    for (const told of this.#listeners) told(what);
  }
}

function optionsOf({ settings, info }: Work): TrainOptions {
  const { schedule, augment } = extrasOf(settings, info);
  const { epochs, batch: batchSize, rate } = settings;
  return {
    epochs,
    batchSize,
    ...(schedule === "one-cycle" && { learningRate: oneCycle({ peak: rate, epochs }) }),
    ...(augment && { augment }),
  };
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
