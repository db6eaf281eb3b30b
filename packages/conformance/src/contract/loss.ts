/** A device that works on until it is lost, and what must then become of every call. */
import { type Device, type Executable, isHoneError } from "@hone/core/backend";
import { expectThat } from "../check.js";
import { countEntry, LENGTH, negateEntry, risingRates, toyColumn } from "./toy-entries.js";

/** Steps enqueued at once: a few milliseconds of work. */
const STEPS = 500;

/** Asks a device for all it can give, again and again, until something is refused. */
export class Worker {
  readonly device: Device;
  readonly #executable: Executable;
  #refusal: unknown;
  #asked = 0;

  private constructor(device: Device, executable: Executable) {
    this.device = device;
    this.#executable = executable;
  }

  static async on(device: Device): Promise<Worker> {
    const entries = [countEntry(device), negateEntry(device)];
    const executable = await device.load({ entries });
    executable.write("rates", risingRates);
    return new Worker(device, executable);
  }

  /** Resolves with what refused first, once all that was asked has settled. */
  async untilRefused(): Promise<unknown> {
    const asking = Array.from({ length: 3 }, (_, which) => this.#ask(which));
    await Promise.all(asking);
    return this.#refusal;
  }

  async #ask(which: number): Promise<void> {
    while (this.#refusal === undefined) {
      try {
        await this.#question(which);
      } catch (error) {
        this.#refusal ??= error;
      }
    }
  }

  async #question(which: number): Promise<void> {
    const number = this.#asked++;
    if (which === 0) {
      this.#executable.write("counter", new Float32Array(LENGTH));
      this.#executable.run("count", { first: number % 8, steps: STEPS });
      await this.#executable.read(["counter", "mirror"]);
    } else if (which === 1) {
      await this.#executable.sync();
      await this.device.memory();
    } else {
      (await this.device.upload(toyColumn(64, number % 128))).dispose();
      const name = `negate ${number}`;
      const more = await this.device.load({ entries: [negateEntry(this.device, name)] });
      more.run(name, { first: 0, steps: 1 });
      await more.sync();
      more.dispose();
    }
  }

  /** Every kind of call, on what was loaded before the loss: each must reject with DeviceLost. */
  async expectRefusingAll(): Promise<void> {
    const executable = this.#executable;
    executable.write("counter", new Float32Array(LENGTH));
    executable.run("count", { first: 0, steps: 1 });
    const questions: Readonly<Record<string, () => Promise<unknown>>> = {
      load: () => this.device.load({ entries: [negateEntry(this.device, "late")] }),
      upload: () => this.device.upload(toyColumn(2, 0)),
      prepare: () => executable.prepare(negateEntry(this.device, "later")),
      read: () => executable.read(["counter"]),
      sync: () => executable.sync(),
      ...(executable.profile && {
        profile: () =>
          (executable.profile as NonNullable<Executable["profile"]>).call(executable, "count", {
            first: 0,
            steps: 1,
          }),
      }),
    };
    for (const [name, question] of Object.entries(questions)) {
      for (const time of ["first", "second"]) {
        const error = await question().then(
          () => undefined,
          (reason: unknown) => reason,
        );
        expectThat(
          isHoneError(error, "DeviceLost"),
          `the ${time} ${name} after the loss gives ${error}, not DeviceLost`,
        );
      }
    }
    await this.device.memory().catch((error: unknown) => {
      expectThat(isHoneError(error, "DeviceLost"), `memory after the loss gives ${error}`);
    });
    executable.dispose();
  }
}

/**
 * Breaks a working device and sees to it that nothing is left pending.
 * @param spoil breaks it
 * @returns the reason it gives
 */
export async function expectLoss(
  device: Device,
  spoil: () => void,
  afterMs: number,
): Promise<string> {
  const worker = await Worker.on(device);
  const refused = worker.untilRefused();
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  spoil();
  const refusal = await refused;
  expectThat(isHoneError(refusal, "DeviceLost"), `it refuses by ${refusal}, not by DeviceLost`);
  const { reason, expected } = await device.lost;
  expectThat(!expected, `it says that its loss was expected: ${reason}`);
  expectThat(reason.length > 0, "it gives no reason");
  await worker.expectRefusingAll();
  await device.close();
  await device.close();
  return reason;
}

/**
 * Closes a working device that answers no more; what was asked of it must be refused, and be closed twice.
 * @param spoil makes it answer no more
 * @returns milliseconds that it took to close, and all that was asked to settle
 */
export async function expectClosing(
  device: Device,
  spoil: () => void,
  afterMs: number,
): Promise<number> {
  const worker = await Worker.on(device);
  const refused = worker.untilRefused();
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  spoil();
  await new Promise((resolve) => setTimeout(resolve, 50));
  const beganMs = performance.now();
  await Promise.all([device.close(), device.close()]);
  const refusal = await refused;
  const milliseconds = performance.now() - beganMs;
  expectThat(isHoneError(refusal, "DeviceLost"), `it refuses by ${refusal}, not by DeviceLost`);
  const { expected, reason } = await device.lost;
  expectThat(expected, `it is lost unexpectedly: ${reason}`);
  await worker.expectRefusingAll();
  await device.close();
  return milliseconds;
}
