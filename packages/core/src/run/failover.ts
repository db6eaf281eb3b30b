/** Which device comes next when one fails. */
import type { Backend, Device } from "../backend.js";
import { HoneError } from "../errors.js";
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
export function failoverOptions(given: readonly Backend[] | FailoverOptions): FailoverOptions {
  const options = Array.isArray(given) ? { backends: given } : given;
  checkOptions("failover", options, OPTIONS);
  return options as FailoverOptions;
}

/** Whether a device computes right. */
export type Verify = (
  device: Device,
) => Promise<{ readonly ok: true } | { readonly ok: false; readonly reason: string }>;

/** What a session will do when its device fails; nothing of it is needed before. */
export interface FailoverPlan {
  readonly options: FailoverOptions;
  readonly verify: Verify;
}

const CLOSED = { ok: false, reason: "the session is closed" } as const;

export class Failover implements FailoverPlan {
  readonly options: FailoverOptions;
  readonly verify: Verify;
  /** Those that are being tried too. */
  readonly #opened = new Set<Device>();
  readonly #ending = new AbortController();
  /** Why each did not help, since the last step that was taken. */
  readonly #failed = new Map<string, string>();

  constructor({ options, verify }: FailoverPlan) {
    this.options = options;
    this.verify = verify;
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
    const { signal } = this.#ending;
    let device: Device | undefined;
    let isRight = false;
    try {
      const probe = await backend.probe();
      if (!probe.ok) return probe.reason;
      device = await backend.open({ signal });
      this.#opened.add(device);
      const verdict = signal.aborted ? CLOSED : await this.verify(device);
      isRight = verdict.ok && !signal.aborted;
      if (isRight) return device;
      return verdict.ok ? CLOSED.reason : verdict.reason;
    } catch (error) {
      return plain(messageOf(error));
    } finally {
      if (device && !isRight) {
        this.#opened.delete(device);
        await device.close().catch(() => undefined);
      }
    }
  }

  /** Closes the devices that were opened here, also those that still open or are being tried. */
  close(): void {
    this.#ending.abort();
    for (const device of this.#opened) device.close().catch(() => undefined);
    this.#opened.clear();
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
