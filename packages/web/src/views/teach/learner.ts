/** The network of the Teach view: a front that stands still, and a head that is trained anew each time. */
import {
  compile,
  type EpochEnd,
  type SavedModel,
  type Session,
  type TrainingRecord,
} from "@hone/core/runtime";
import type { House } from "../../view.js";
import { seenBy } from "./camera.js";
import {
  joined,
  type KeptPicture,
  type Lesson,
  MOST_CLASSES,
  splitLesson,
  type TaughtClass,
  varied,
} from "./examples.js";
import { type Front, RANGES } from "./front.js";

const LEARNING_RATE = 3e-3;
const BATCH_SIZE = 16;
/** Enough for a head on features that are told apart at all. */
const STEPS = 160;
/** A class that is not in use begins so far down that nothing is left of it behind a softmax. */
const OUT_OF_USE = -40;

/** What a training came to. */
export interface Learned {
  readonly seconds: number;
  readonly epochs: number;
  readonly loss: number;
  /** Of the pictures that were held back: how many, and how many of them are told right. */
  readonly heldBack: number;
  readonly heldBackRight: number;
  /** Pictures learned from, with those that were moved. */
  readonly pictures: number;
  readonly device: string;
}

export class Learner {
  readonly #house: House;
  readonly #front: Front;
  #session: Session<SavedModel> | undefined;
  #classes = 0;
  readonly #endSwitch: () => void;
  #closed = false;

  private constructor(house: House, front: Front) {
    this.#house = house;
    this.#front = front;
    this.#endSwitch = house.onSwitch((device) => this.#session?.moveTo(device));
  }

  /** Opens the page's device for what stands on this front. @throws BackendUnavailable */
  static async open(house: House, front: Front): Promise<Learner> {
    await house.device(front.model);
    const learner = new Learner(house, front);
    await learner.#warm();
    return learner;
  }

  /** Classes it tells apart; 0 until it was trained. */
  get classes(): number {
    return this.#classes;
  }

  /** Trains a head for these classes, in their order. @throws as `Session.steps` */
  async train(
    classes: readonly TaughtClass[],
    onRecord: (record: TrainingRecord) => void,
  ): Promise<Learned> {
    const began = performance.now();
    const session = await this.#compiled(classes.length);
    try {
      const learned = await this.#teach(session, classes, onRecord);
      return { ...learned, seconds: (performance.now() - began) / 1000 };
    } finally {
      // It was kept, or could not be trained.
      if (this.#session !== session) session.close();
    }
  }

  async #teach(
    session: Session<SavedModel>,
    classes: readonly TaughtClass[],
    onRecord: (record: TrainingRecord) => void,
  ): Promise<Omit<Learned, "seconds">> {
    const { learned, heldBack } = splitLesson(classes);
    const lesson = varied(learned);
    const [train, judged] = await Promise.all([this.#dataOf(lesson), this.#dataOf(heldBack)]);
    const batches = Math.ceil(lesson.pictures.length / BATCH_SIZE);
    const epochs = Math.max(6, Math.ceil(STEPS / batches));
    let last: EpochEnd | undefined;
    for await (const record of session.steps(train as NonNullable<typeof train>, {
      epochs,
      batchSize: BATCH_SIZE,
    })) {
      if (record.kind === "epoch-end") last = record;
      onRecord(record);
    }
    const judgement = judged && (await session.evaluate(judged));
    const rows = heldBack.pictures.length;
    this.#session?.close();
    this.#session = session;
    this.#classes = classes.length;
    if (this.#closed) session.close();
    return {
      epochs,
      loss: last?.loss ?? Number.NaN,
      heldBack: rows,
      heldBackRight: Math.round((judgement?.figures.acc ?? 0) * rows),
      pictures: lesson.pictures.length,
      device: session.device.info.description,
    };
  }

  /** The probability of each class; undefined until it was trained. */
  async shares(picture: KeptPicture): Promise<readonly number[] | undefined> {
    const session = this.#session;
    if (!session) return undefined;
    const { size, channels } = this.#front;
    const seen = await seenBy(picture, this.#front);
    const { data } = await session.predict({ data: seen.data, shape: [1, size, size, channels] });
    return session === this.#session ? Array.from(data.slice(0, this.#classes)) : undefined;
  }

  /** The whole network as one file, front and head. */
  async save(names: readonly string[]): Promise<Uint8Array<ArrayBuffer>> {
    const session = this.#session as Session<SavedModel>;
    // The head has an output for each class there may be.
    const all = Array.from({ length: MOST_CLASSES }, (_, at) => names[at] ?? "");
    return session.save({ name: "taught", classNames: all });
  }

  close(): void {
    this.#closed = true;
    this.#endSwitch();
    this.#session?.close();
    this.#session = undefined;
  }

  /** Trains once for nothing, so that what only training loads is there before the visitor presses. */
  async #warm(): Promise<void> {
    const session = await this.#compiled(MOST_CLASSES);
    const { size, channels } = this.#front;
    const blank = { data: new Uint8Array(size * size * channels), width: size, height: size };
    const classes = Array.from({ length: BATCH_SIZE }, (_, at) => at % MOST_CLASSES);
    const data = await this.#dataOf({ pictures: classes.map(() => blank), classes });
    if (data) await session.fit(data, { epochs: 1, batchSize: BATCH_SIZE });
    session.close();
  }

  /** A head that has learned nothing, and takes no part in classes that are not there. */
  async #compiled(classes: number): Promise<Session<SavedModel>> {
    const { adam } = await import("@hone/core/optimizers");
    const device = await this.#house.device(this.#front.model);
    const session = await compile(this.#front.model, {
      device,
      optimizer: adam(LEARNING_RATE),
      seed: 1,
    });
    const weights = await session.weights();
    const bias = weights.findIndex(({ name }) => name === "class/bias");
    await session.setWeights(
      weights.map(({ values }, at) =>
        at === bias ? values.map((_, output) => (output < classes ? 0 : OUT_OF_USE)) : values,
      ),
    );
    return session;
  }

  async #dataOf({ pictures, classes }: Lesson) {
    if (pictures.length === 0) return undefined;
    const { dataset } = await import("@hone/data");
    const { size, channels, range } = this.#front;
    const { scale, offset } = RANGES[range];
    const seen = await Promise.all(pictures.map((picture) => seenBy(picture, this.#front)));
    return dataset({
      name: "pictures",
      x: { data: joined(seen), shape: [seen.length, size, size, channels], scale, offset },
      y: Uint8Array.from(classes),
    });
  }
}
