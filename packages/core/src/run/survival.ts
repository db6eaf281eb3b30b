/**
 * Keeps a session going from one device to the next: planned, when it is asked to move, and not, when a device fails.
 *
 * Either way the state is the same plain data: weights, slots, and a mark of where the session stood. What was done since
 * the last snapshot is done again, so that the new device ends up where the old one was.
 */
import type { Device } from "../backend.js";
import { HoneError, isHoneError } from "../errors.js";
import { isOfDevice } from "./device-failure.js";
import type { Failover } from "./failover.js";
import type { Home } from "./home.js";
import type { Moved } from "./records.js";
import type { Snapshot, Snapshots } from "./snapshots.js";

/** What the session behind it knows. */
export interface Survivor<Mark> {
  /** Where it stands. */
  mark(): Mark;
  /** Goes back to where it stood. */
  returnTo(mark: Mark): void;
  /** Does again what it did since the newest snapshot. */
  replay(): Promise<void>;
  /** Steps it had taken. */
  stepOf(mark: Mark): number;
  /** The device on the calling thread that goes with another one, where the session wants one. */
  localOf(device: Device): Promise<Device | undefined>;
  /** True while it keeps its device busy from step to step. */
  isTraining?(): boolean;
  /** Told in the middle of a training. */
  looked?(): void;
  /** The error with the session's last state, for whoever has no other device. */
  withCheckpoint(error: HoneError, snapshot: Snapshot<Mark>): HoneError;
}

export class Survival<Mark> {
  readonly #home: Home;
  readonly #snapshots: Snapshots<Mark>;
  readonly #survivor: Survivor<Mark>;
  readonly #failover: Failover;
  #last: Moved | undefined;
  #recovering: Promise<Moved> | undefined;
  /** Moves that were asked for, until the training that runs has told of them. */
  readonly #untold: Promise<Moved>[] = [];
  /** The last move that was asked for, until it is done. */
  #moving: Promise<Moved> | undefined;
  /** What waits for the device to have nothing to do. */
  #guest: (() => Promise<void>) | undefined;
  /** Where the last planned move came from, as long as it may have to go back. */
  #cameFrom: { readonly device: Device; readonly generation: number } | undefined;
  /** A device that gave NaN, until another one shows whether it gives NaN too. */
  #suspect: { readonly device: Device; readonly step: number } | undefined;
  #failedStep = -1;
  #watchedMs = performance.now();
  #lost: { readonly name: string; readonly sinceMs: number } | undefined;

  constructor(
    home: Home,
    snapshots: Snapshots<Mark>,
    survivor: Survivor<Mark>,
    failover: Failover,
  ) {
    this.#home = home;
    this.#snapshots = snapshots;
    this.#survivor = survivor;
    this.#failover = failover;
  }

  /** Does a task that changes nothing, again on another device where this one fails. */
  async surviving<T>(task: () => Promise<T>): Promise<T> {
    for (;;) {
      const { generation } = this.#home;
      try {
        const result = await task();
        this.#failover.progressed();
        return result;
      } catch (error) {
        await this.recover(error, generation);
      }
    }
  }

  /**
   * Brings the session to another device, in the state of the last snapshot and of what came after it.
   * @param generation of the device that failed
   * @throws the error where no other device would help, or there is none; with the session's last state if a device failed
   */
  async recover(error: unknown, generation: number): Promise<Moved> {
    if (!isOfDevice(error)) throw error;
    const isNaNs = error.kind === "Diverged";
    if (generation !== this.#home.generation) {
      // What failed was meant for a device that the session has left, or is about to have left.
      const moved = (await this.#moving?.catch(() => undefined)) ?? this.#last;
      if (moved) return moved;
    }
    this.#recovering ??= (isNaNs ? this.#doubt(error) : this.#failOver(error)).finally(() => {
      this.#recovering = undefined;
    });
    return this.#recovering;
  }

  /** Moves to another device after what was enqueued. @throws DeviceLost where the state cannot be fetched any more */
  async moveTo(device: Device, reason: string): Promise<Moved> {
    while (this.#recovering) await this.#recovering.catch(() => undefined);
    const before = this.#moving;
    const moving = (async () => {
      await before?.catch(() => undefined);
      const local = await this.#survivor.localOf(device);
      const { device: from } = this.#home;
      await this.#home.moveTo({ device, local });
      this.#cameFrom = { device: from, generation: this.#home.generation };
      return this.#moved(from, this.#survivor.stepOf(this.#survivor.mark()), reason);
    })();
    this.#moving = moving;
    this.#untold.push(moving);
    moving
      .catch(() => {
        const at = this.#untold.indexOf(moving);
        if (at >= 0) this.#untold.splice(at, 1);
      })
      .finally(() => {
        if (this.#moving === moving) this.#moving = undefined;
      });
    return moving;
  }

  /** Does a task while the device has nothing to do: between two steps where it trains, else now. One at a time. */
  atRest<T>(task: () => Promise<T>): Promise<T> {
    if (!this.#survivor.isTraining?.()) return task();
    return new Promise<T>((resolve, reject) => {
      this.#guest = () => task().then(resolve, reject);
    });
  }

  /** The training is over: what has waited for a pause of it waits no longer. */
  rested(): void {
    void this.#admitGuest();
  }

  async #admitGuest(): Promise<void> {
    const guest = this.#guest;
    this.#guest = undefined;
    await guest?.();
  }

  /** A training begins: it need not tell of moves before it. */
  begin(): void {
    this.#untold.length = 0;
    this.#watchedMs = performance.now();
  }

  /** The next move that the training which runs is to tell of. */
  async nextMove(): Promise<Moved | undefined> {
    // One that fails is told to who has asked for it; the training goes on where it is.
    return this.#untold.shift()?.catch(() => undefined);
  }

  /** True when the training that runs should let the device come to rest. */
  wantsPause(): boolean {
    this.#lookForLost();
    this.#survivor.looked?.();
    return this.#guest !== undefined || this.#untold.length > 0 || this.#isWatchDue();
  }

  /** What a pause was wanted for. @throws DeviceLost for a device that computes wrong */
  async pause(): Promise<Moved | undefined> {
    await this.#admitGuest();
    if (this.#untold.length > 0) {
      const moved = await this.nextMove();
      await this.#takeSnapshot();
      return moved;
    }
    if (!this.#isWatchDue()) return undefined;
    this.#watchedMs = performance.now();
    const { device } = this.#home;
    const verdict = await this.#failover.verify(device);
    await this.#takeSnapshot();
    if (verdict.ok) {
      this.#snapshots.trust();
      return undefined;
    }
    const what = `it computes wrong by now: ${verdict.reason}. Use another one.`;
    const error = new HoneError("DeviceLost", device.info.backend, what);
    // What it has computed since it was right is not to be trusted.
    this.#snapshots.reset(this.#snapshots.trusted);
    throw error;
  }

  close(): void {
    this.#failover.close();
  }

  async #takeSnapshot(): Promise<void> {
    const mark = this.#survivor.mark();
    this.#snapshots.offer({ tensors: await this.#home.readState(), mark });
  }

  /** A loss that is NaN may be the device's fault: another one takes the step too. */
  async #doubt(error: HoneError): Promise<Moved> {
    const step = this.#survivor.stepOf(this.#snapshots.newest.mark);
    const { device } = this.#home;
    if (this.#suspect === undefined || this.#suspect.step !== step) {
      this.#suspect = { device, step };
      try {
        return await this.#failOver(error);
      } catch (none) {
        if (isHoneError(none) && none.kind !== "Diverged") throw none;
      }
    }
    // It is the training that diverges: the first device is as good as it was.
    const { proven } = this.#snapshots;
    const first = this.#suspect?.device ?? device;
    this.#suspect = undefined;
    if (first === this.#home.device) this.#home.write(proven.tensors);
    else
      this.#home.replace(
        { device: first, local: await this.#survivor.localOf(first) },
        proven.tensors,
      );
    this.#snapshots.reset(proven);
    this.#survivor.returnTo(proven.mark);
    throw error;
  }

  async #failOver(error: HoneError): Promise<Moved> {
    const { newest } = this.#snapshots;
    const step = this.#survivor.stepOf(newest.mark);
    if (step > this.#failedStep) this.#failover.progressed();
    this.#failedStep = step;
    for (let cause = error; ; ) {
      const { device: before } = this.#home;
      const back = cause.kind === "Diverged" ? undefined : this.#wayBack();
      const device = back ?? (await this.#next(before, cause, newest));
      const local = await this.#survivor.localOf(device);
      this.#home.replace({ device, local }, newest.tensors);
      this.#survivor.returnTo(newest.mark);
      this.#lost = { name: before.info.backend, sinceMs: performance.now() };
      try {
        await this.#survivor.replay();
        return this.#moved(before, step, reasonOf(cause));
      } catch (again) {
        if (!isOfDevice(again) || again.kind === "Diverged") throw again;
        cause = again;
      }
    }
  }

  async #next(before: Device, cause: HoneError, newest: Snapshot<Mark>): Promise<Device> {
    try {
      return await this.#failover.next(before, cause);
    } catch (none) {
      if (!isHoneError(none) || none.kind === "Diverged") throw none;
      throw this.#survivor.withCheckpoint(none, newest);
    }
  }

  /** A device that was moved to and cannot do the work is left again for the one before. */
  #wayBack(): Device | undefined {
    const known = this.#cameFrom;
    this.#cameFrom = undefined;
    return known?.generation === this.#home.generation ? known.device : undefined;
  }

  #moved(before: Device, step: number, reason: string): Moved {
    const { info: from } = before;
    const { info: to } = this.#home.device;
    const moved: Moved = {
      kind: "moved",
      from: from.description,
      to: to.description,
      step,
      sameArithmetic: from.numerics === to.numerics,
      reason,
    };
    this.#last = moved;
    return moved;
  }

  #isWatchDue(): boolean {
    const { watchMs } = this.#failover.options;
    return watchMs !== undefined && performance.now() - this.#watchedMs >= watchMs;
  }

  /** Asks, beside the training, whether a better device that was lost is there again. */
  #lookForLost(): void {
    const { takeBackMs, backends } = this.#failover.options;
    const lost = this.#lost;
    if (takeBackMs === undefined || lost === undefined) return;
    if (performance.now() - lost.sinceMs < takeBackMs) return;
    const backend = backends.find(({ name }) => name === lost.name);
    this.#lost = undefined;
    if (backend === undefined) return;
    void this.#failover.open(backend).then(async (device) => {
      if (typeof device === "string") this.#lost ??= { ...lost, sinceMs: performance.now() };
      else await this.moveTo(device, `${lost.name} is back`).catch(() => undefined);
    });
  }
}

function reasonOf({ message }: HoneError): string {
  return message.replace(/^\[hone\] /, "").replace(/\.$/, "");
}
