/** The device on the calling thread beside a hosted one: opened when first asked for, closed with it. */
import type { Device } from "../backend.js";
import { HoneError } from "../errors.js";

export class LocalDevice {
  readonly #name: string;
  readonly #openDevice: () => Promise<Device>;
  #opening: Promise<Device> | undefined;
  #closed = false;

  /** @param name of the backend, for errors */
  constructor(name: string, openDevice: () => Promise<Device>) {
    this.#name = name;
    this.#openDevice = openDevice;
  }

  /** The same device every time. @throws what opening it threw; DeviceLost after `close` */
  async open(): Promise<Device> {
    if (this.#closed) {
      const what = "the device was closed. Open the backend again.";
      throw new HoneError("DeviceLost", `${this.#name} local`, what);
    }
    this.#opening ??= this.#openDevice();
    const opening = this.#opening;
    try {
      return await opening;
    } catch (error) {
      if (this.#opening === opening) this.#opening = undefined;
      throw error;
    }
  }

  /** Waits for a device that is being opened, so that none is left behind. */
  async close(): Promise<void> {
    this.#closed = true;
    const device = await this.#opening?.catch(() => undefined);
    await device?.close();
  }
}
