/** Which device comes next when one fails. */
import type { Backend, Device } from "../backend.js";
import { type ErrorKind, HoneError, isHoneError } from "../errors.js";
import { messageOf } from "../value-text.js";
import { checkOptions, isObject, type Option } from "./options.js";

/** What a session does when its device fails. */
export interface FailoverOptions {
  /** What to go on with, the best first; opened when it is needed. */
  readonly backends: readonly Backend[];
  /** Milliseconds of silence after which a device counts as lost; a minute for wasm and a GPU, more for slower kinds. */
  readonly patienceMs?: number;
  /** Milliseconds of training after which the device is tried on known answers again; never unless given. */
  readonly watchMs?: number;
  /** Milliseconds after which a better device that was lost is looked for again; never unless given. */
  readonly takeBackMs?: number;
}

const isPositive = (value: unknown) => typeof value === "number" && value > 0;
const milliseconds: Option = { is: isPositive, wanted: "milliseconds above 0" };

const OPTIONS: Readonly<Record<keyof FailoverOptions, Option>> = {
  backends: { is: isBackends, wanted: "a list of backends, as [wasm(), cpu()]" },
  patienceMs: milliseconds,
  watchMs: milliseconds,
  takeBackMs: milliseconds,
};

function isBackends(value: unknown): value is readonly Backend[] {
  return (
    Array.isArray(value) &&
    value.every((one) => isObject(one) && typeof (one as Partial<Backend>).open === "function")
  );
}

/** @throws BadArgument for what is neither a list of backends nor options with one */
export function failoverOptions(
  given: readonly Backend[] | FailoverOptions | false | undefined,
  remembered: readonly Backend[] = [],
): FailoverOptions {
  if (given === false) return { backends: [] };
  if (given === undefined) return { backends: remembered };
  const options = Array.isArray(given) ? { backends: given } : given;
  checkOptions("failover", options, OPTIONS);
  return options as FailoverOptions;
}

/** Failures that another device may not have; a loss that is NaN may be one. */
const OF_DEVICES: readonly ErrorKind[] = ["DeviceLost", "OutOfMemory", "LacksOp", "Diverged"];

/** Whether it may help to try the same on another device. */
export function isOfDevice(error: unknown): error is HoneError {
  return isHoneError(error) && OF_DEVICES.includes(error.kind);
}

/** Whether a device computes right. */
export type Verify = (
  device: Device,
) => Promise<{ readonly ok: true } | { readonly ok: false; readonly reason: string }>;

export class Failover {
  readonly options: FailoverOptions;
  readonly #verify: Verify;
  readonly #opened: Device[] = [];
  /** Why each did not help, since the last step that was taken. */
  readonly #failed = new Map<string, string>();
  #closed = false;

  constructor(options: FailoverOptions, verify: Verify) {
    this.options = options;
    this.#verify = verify;
  }

  /** Whether there is any other device to go on with. */
  get isThere(): boolean {
    return this.options.backends.length > 0;
  }

  /** A step was taken: what failed before may be tried again. */
  progressed(): void {
    this.#failed.clear();
  }

  /**
   * Opens the best backend that has not failed. The one that fails now comes last, and only if it was lost or is full: that
   * may have been a passing trouble.
   * @throws an error of the cause's kind that tells of each
   */
  async next(from: Device, cause: HoneError): Promise<Device> {
    const { backend: failing } = from.info;
    const mayPass = cause.kind === "DeviceLost" || cause.kind === "OutOfMemory";
    const mayReturn = mayPass && !this.#failed.has(failing);
    this.#failed.set(failing, plain(cause.message));
    const isFailing = ({ name }: Backend) => name === failing;
    const others = this.options.backends.filter((backend) => !isFailing(backend));
    const again = mayReturn ? this.options.backends.filter(isFailing) : [];
    for (const backend of [...others.filter(({ name }) => !this.#failed.has(name)), ...again]) {
      const device = await this.open(backend);
      if (typeof device !== "string") return device;
      this.#failed.set(backend.name, device);
    }
    throw this.#none(cause);
  }

  /** A backend's device, after it has met known answers; or why not. */
  async open(backend: Backend): Promise<Device | string> {
    try {
      const probe = await backend.probe();
      if (!probe.ok) return probe.reason;
      const device = await backend.open();
      const verdict = await this.#verify(device);
      if (verdict.ok && !this.#closed) {
        this.#opened.push(device);
        return device;
      }
      await device.close().catch(() => undefined);
      return verdict.ok ? "the session is closed" : verdict.reason;
    } catch (error) {
      return plain(messageOf(error));
    }
  }

  verify(device: Device): ReturnType<Verify> {
    return this.#verify(device);
  }

  /** Closes the devices that were opened here. */
  close(): void {
    this.#closed = true;
    for (const device of this.#opened.splice(0)) device.close().catch(() => undefined);
  }

  #none(cause: HoneError): HoneError {
    if (this.options.backends.length === 0) return cause;
    const reasons = [...this.#failed].map(([name, reason]) => `${name}: ${reason}`);
    const what = `no backend is left. ${reasons.join(". ")}.`;
    return new HoneError(cause.kind, "failover", what, { cause });
  }
}

/** An error's text as part of a sentence. */
function plain(message: string): string {
  return message.replace(/^\[hone\] /, "").replace(/\.$/, "");
}
