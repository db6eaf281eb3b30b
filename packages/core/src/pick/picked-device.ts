/// <reference lib="esnext.disposable" preserve="true" />
/** A device with the choice it comes of: what `compile`, `program` and `failover` take. */
import type { Backend, Device } from "../backend.js";
import { disposable } from "../disposable.js";
import type { Candidate } from "./candidate.js";

/** A device with the reasons for which it was chosen. */
export type PickedDevice = Device &
  AsyncDisposable & {
    /** The choice and its reason: the winner's figure, and why each other one lost or was refused. */
    readonly why: string;
    /** The chosen one first. */
    readonly candidates: readonly Candidate[];
    /** The backends behind those that were not refused, the chosen one first: what a session goes on with if it fails. */
    readonly backends: readonly Backend[];
    /** What would make it faster here, where something would: a header, a policy, a setting. Said once on the console too where plain JavaScript is all that is left. */
    readonly hint: string | undefined;
    /** Resolves when nothing is measured any more, and `why` and `candidates` change no more; at once after `pickFastest`. */
    readonly settled: Promise<void>;
  };

/** What is known of a choice so far. */
export interface Told {
  readonly why: string;
  readonly candidates: readonly Candidate[];
  readonly hint?: string | undefined;
}

export interface PickedParts {
  readonly backends: readonly Backend[];
  /** Read anew each time. */
  readonly told: () => Told;
  readonly settled?: Promise<void>;
  /** Closes all else that the choice has opened. */
  readonly cleanUp?: () => Promise<unknown>;
  /** Further properties. */
  readonly more?: object;
}

export function picked(device: Device, parts: PickedParts): PickedDevice {
  const { backends, told, settled = Promise.resolve(), cleanUp, more } = parts;
  const close = device.close.bind(device);
  const working = () => told().candidates.filter(({ outcome }) => outcome !== "refused");
  const properties = {
    why: { get: () => told().why, enumerable: true },
    candidates: { get: () => told().candidates, enumerable: true },
    hint: { get: () => told().hint, enumerable: true },
    backends: {
      get: () =>
        working().flatMap(({ name }) => backends.find((backend) => backend.name === name) ?? []),
      enumerable: true,
    },
  };
  const own = Object.assign(device, more, {
    settled,
    close: async () => {
      await Promise.all([close(), cleanUp?.()]);
    },
  });
  return disposable(Object.defineProperties(own, properties)) as PickedDevice;
}
