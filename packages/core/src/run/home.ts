/**
 * Where a session's weights are at home: on its device, or on a second one with the same arithmetic that computes on
 * the calling thread, where small predictions and steps cost no message.
 *
 * Whoever trains owns the weights and the optimizer's slots. They move when the other one shall train, evaluate or
 * predict much; a small prediction only copies the weights, and only when they may have changed since.
 */
import type { Device, TypedArray } from "../backend.js";
import { sizeOf } from "../graph/geometry.js";
import type { WeightInfo } from "../graph/template.js";
import type { StateTensors } from "./checkpoint-tensors.js";
import type { Dataset } from "./dataset.js";
import { Engine } from "./engine.js";
import { patientDevice } from "./patient-device.js";

/** With more rows than this the message costs less than the computing, which the device does faster. */
const MOST_PREDICTED_ROWS = 8;
/** Rows times weights of a training step that holds up the calling thread for no more than a millisecond or so. */
const MOST_STEP_WORK = 2 ** 20;
/** Devices count steps in 32 bits, a sign among them. */
const MOST_STEPS = 2 ** 30;

export interface HomeParts {
  readonly device: Device;
  /** Computes on the calling thread, with the arithmetic of `device`. */
  readonly local: Device | undefined;
  readonly weights: readonly WeightInfo[];
  /** Those to begin with, in the weights' order. */
  readonly values: readonly TypedArray[];
  readonly seed: number;
  /** Milliseconds a device may be silent before it counts as lost; by its kind unless given. */
  readonly patienceMs?: number | undefined;
}

/** A device, and the one on the calling thread that goes with it. */
export type HomeDevices = Pick<HomeParts, "device" | "local">;

export class Home {
  readonly #weights: readonly WeightInfo[];
  readonly #seed: number;
  readonly #patienceMs: number | undefined;
  readonly #elements: number;
  #original: Device;
  #device: Engine;
  #here: Engine | undefined;
  #owner: Engine;
  #generation = 0;
  /** Which of the owner's weights the other one has. */
  #version: number;
  #predictionSteps = 0;
  #refresh: { readonly version: number; readonly done: Promise<Engine> } | undefined;
  #move: Promise<Engine> | undefined;

  constructor({ device, local, weights, values, seed, patienceMs }: HomeParts) {
    this.#original = device;
    this.#patienceMs = patienceMs;
    this.#device = new Engine(this.#patient(device), weights, values, seed);
    this.#here = local && new Engine(local, weights, values, seed);
    this.#weights = weights;
    this.#seed = seed;
    this.#elements = weights.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    this.#owner = this.#device;
    this.#version = this.#device.weightsVersion;
  }

  /** The engine that has the weights as they are now. */
  get owner(): Engine {
    return this.#owner;
  }

  /** The device that it is on now. */
  get device(): Device {
    return this.#original;
  }

  /** Grows with each other device. */
  get generation(): number {
    return this.#generation;
  }

  /** Copies of weights and slots, as they are after all that was enqueued. */
  readState(): Promise<StateTensors> {
    return this.#owner.readState();
  }

  /**
   * Takes weights and slots to another device once all that was enqueued is done; what is under way ends where it is.
   * @returns what was taken
   */
  async moveTo(devices: HomeDevices): Promise<StateTensors> {
    while (this.#move) await this.#move;
    const reading = this.readState();
    this.#move = reading
      .then((tensors) => this.replace(devices, tensors))
      .finally(() => {
        this.#move = undefined;
      });
    await this.#move;
    return reading;
  }

  /** Begins anew on another device, with these weights and slots. */
  replace({ device, local }: HomeDevices, tensors: StateTensors): Engine {
    const before = [this.#device, this.#here];
    const values = this.#weights.map(({ name }) => tensors.get(name) as TypedArray);
    this.#original = device;
    this.#device = new Engine(this.#patient(device), this.#weights, values, this.#seed);
    this.#here = local && new Engine(local, this.#weights, values, this.#seed);
    this.#device.writeState(tensors);
    this.#owner = this.#device;
    this.#version = this.#device.weightsVersion;
    this.#refresh = undefined;
    this.#generation++;
    for (const engine of before) engine?.retire();
    return this.#owner;
  }

  #patient(device: Device): Device {
    return patientDevice(
      device,
      this.#patienceMs === undefined ? {} : { patienceMs: this.#patienceMs },
    );
  }

  /** Sets weights and slots where they are. */
  write(tensors: StateTensors): void {
    this.#owner.writeState(tensors);
  }

  /** The device's engine, the weights with it: for whole trainings and evaluations. */
  onDevice(): Engine | Promise<Engine> {
    return this.#ownedBy(() => this.#device);
  }

  /** The engine that shall take a training step of that many rows. */
  forStep(rows: number): Engine | Promise<Engine> {
    const isSmall = rows * this.#elements <= MOST_STEP_WORK;
    return this.#ownedBy(() => (isSmall && this.#here) || this.#device);
  }

  /**
   * The number of the first of so many steps of predictions. They are counted here, so that what a model draws in them
   * is new in each, and the same wherever it is computed.
   */
  takePredictionSteps(count: number): number {
    const first = this.#predictionSteps;
    this.#predictionSteps = (first + count) % MOST_STEPS;
    return first;
  }

  get predictionSteps(): number {
    return this.#predictionSteps;
  }

  set predictionSteps(steps: number) {
    this.#predictionSteps = steps;
  }

  /** The engine that shall predict that many rows: at once, unless weights must be read first. */
  forPrediction(rows: number): Engine | Promise<Engine> {
    if (this.#here === undefined) return this.#device;
    if (rows > MOST_PREDICTED_ROWS) return this.onDevice();
    if (this.#owner === this.#here) return this.#here;
    const version = this.#owner.weightsVersion;
    if (this.#version === version) return this.#here;
    if (this.#refresh?.version !== version) {
      this.#refresh = { version, done: this.#refreshed(this.#here, version) };
    }
    return this.#refresh.done;
  }

  /** The engine that has the weights, once they do not move any more. */
  async settled(): Promise<Engine> {
    while (this.#move) await this.#move;
    return this.#owner;
  }

  /** True while the weights are this engine's and stay there. */
  restsAt(engine: Engine): boolean {
    return this.#move === undefined && this.#owner === engine;
  }

  /** Takes a data set off the device, unless it is in use. @returns whether it is gone */
  forget(dataset: Dataset): boolean {
    return this.#device.forget(dataset);
  }

  close(): void {
    this.#device.close();
    this.#here?.close();
  }

  /** @param wanted asked when nothing moves any more: a move may be one to other engines */
  #ownedBy(wanted: () => Engine): Engine | Promise<Engine> {
    if (this.#move) return this.#move.then(() => this.#ownedBy(wanted));
    const engine = wanted();
    if (this.#owner === engine) return engine;
    const move = this.#moved(engine).finally(() => {
      this.#move = undefined;
    });
    this.#move = move;
    return move;
  }

  async #moved(engine: Engine): Promise<Engine> {
    engine.writeState(await this.readState());
    this.#owner = engine;
    this.#version = engine.weightsVersion;
    return engine;
  }

  /** Brings the weights of `version`, the owner's present one, here. */
  async #refreshed(here: Engine, version: number): Promise<Engine> {
    try {
      const weights = await this.#owner.readExactWeights();
      if (version > this.#version) {
        here.writeWeights(weights);
        this.#version = version;
      }
      return here;
    } finally {
      if (this.#refresh?.version === version) this.#refresh = undefined;
    }
  }
}
