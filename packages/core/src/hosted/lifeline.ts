/**
 * How one thread learns that another has ended, though the other says nothing and the one between them,
 * which started it and waits for it, hears nothing.
 *
 * In Node a channel closes when a thread that holds an end of it ends. In pages it does not, but a lock
 * is given to the next who asks.
 */
import { nodeThreads } from "./spawn.js";

/** One end of a lifeline, to be posted to the thread that holds or watches it: a port, or the name of a lock. */
export type LifelineEnd = MessagePort | string;

export interface Lifeline {
  readonly held: LifelineEnd;
  readonly watched: LifelineEnd;
}

/** Takes the end of the lifeline of a further thread of a device, which whatever computes may be waiting for. */
export type WatchThread = (lifeline: LifelineEnd) => void;

/** A new one; undefined in a page that has no locks. */
export function makeLifeline(): Lifeline | undefined {
  if (nodeThreads()) {
    const { port1, port2 } = new MessageChannel();
    return { held: port1, watched: port2 };
  }
  if (locks() === undefined) return undefined;
  const name = `hone thread ${crypto.randomUUID()}`;
  return { held: name, watched: name };
}

/** What must move with the message that carries the end. */
export function movableOf(end: LifelineEnd | undefined): MessagePort[] {
  return end === undefined || typeof end === "string" ? [] : [end];
}

/** A port that nobody holds may be collected, and then its other end closes. */
const ports = new Set<MessagePort>();

/** Holds the end for as long as the calling thread lives; resolves when it does. */
export async function holdLifeline(end: LifelineEnd): Promise<void> {
  if (typeof end !== "string") {
    ports.add(end);
    return;
  }
  await new Promise<void>((resolve) => {
    const forLife = () => {
      resolve();
      return new Promise(() => {});
    };
    // A page that may keep nothing gets no lock either. It goes without.
    locks()?.request(end, forLife).catch(resolve);
  });
}

/** Calls `ended` once the thread that holds the other end has ended. Keeps no process alive. */
export function onThreadEnd(end: LifelineEnd, ended: () => void): void {
  if (typeof end === "string") {
    locks()
      ?.request(end, async () => ended())
      .catch(() => undefined);
    return;
  }
  ports.add(end);
  const { unref } = end as MessagePort & { unref?(): void };
  end.addEventListener("close", () => {
    ports.delete(end);
    ended();
  });
  end.start();
  unref?.call(end);
}

function locks(): LockManager | undefined {
  return (globalThis.navigator as Navigator | undefined)?.locks;
}
