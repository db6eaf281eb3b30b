/** The page's one device, which all views share, and what becomes of it when the visitor wants another backend. */
import { fastest, type PickedDevice, type SavedModel } from "@hone/core/runtime";
import { type BackendChoice, backendsOf } from "./backend-names.js";

type Move = (device: PickedDevice) => Promise<unknown> | undefined;

export class DeviceDesk {
  #choice: BackendChoice;
  #opening: Promise<PickedDevice> | undefined;
  #model: SavedModel | undefined;
  readonly #movers = new Set<Move>();
  readonly #changed: () => void;
  #switching: Promise<unknown> = Promise.resolve();

  /** @param changed called when there is another device, or another choice */
  constructor(choice: BackendChoice, changed: () => void) {
    this.#choice = choice;
    this.#changed = changed;
  }

  get choice(): BackendChoice {
    return this.#choice;
  }

  /** @throws BackendUnavailable */
  device(model?: SavedModel): Promise<PickedDevice> {
    this.#model ??= model;
    this.#opening ??= this.#open().catch((error: unknown) => {
      // A policy may be changed, a connection may come back.
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  /** The device where one is open or opening. */
  get opened(): Promise<PickedDevice> | undefined {
    return this.#opening;
  }

  onSwitch(move: Move): () => void {
    this.#movers.add(move);
    return () => this.#movers.delete(move);
  }

  /** One switch at a time. @throws BackendUnavailable, and the device stays what it was */
  switchTo(choice: BackendChoice): Promise<void> {
    const switched = this.#switching.then(() => this.#switchTo(choice));
    this.#switching = switched.catch(() => {});
    return switched;
  }

  async #switchTo(choice: BackendChoice): Promise<void> {
    const [before, chosenBefore] = [this.#opening, this.#choice];
    this.#choice = choice;
    if (before === undefined) return this.#changed();
    try {
      const device = await this.#open();
      await Promise.all([...this.#movers].map((move) => move(device)));
      this.#opening = Promise.resolve(device);
    } catch (error) {
      this.#choice = chosenBefore;
      throw error;
    } finally {
      this.#changed();
    }
    const old = await before.catch(() => undefined);
    await old?.close();
  }

  async #open(): Promise<PickedDevice> {
    const backends = backendsOf(this.#choice);
    const device = await fastest(backends, this.#model ? { for: this.#model } : {});
    device.settled.then(this.#changed, this.#changed);
    queueMicrotask(this.#changed);
    return device;
  }
}
