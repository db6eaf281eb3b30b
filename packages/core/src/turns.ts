/** Long work on a page's own thread, cut so that the page stays awake. */

/** A page feels a task of 50 ms; on a machine four times slower than this one expects, this is still less. */
const SLICE_MS = 10;

/**
 * A function to await between two pieces of long work: it gives the thread away when a slice of it is used up.
 *
 * By messages, because timers sleep for a second at a time in a hidden tab.
 */
export function inTurns(now = () => performance.now()): () => Promise<void> | undefined {
  let until = now() + SLICE_MS;
  const next = async () => {
    await nextTurn();
    until = now() + SLICE_MS;
  };
  return () => (now() < until ? undefined : next());
}

function nextTurn(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

/** Long work in pieces: a generator that yields where the thread may do something else. */
export type Pieces<T> = Generator<undefined, T>;

/** Work in pieces, without anything between them. */
export function atOnce<T>(work: Pieces<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

/** Work in pieces that keeps the page awake. */
export async function inPieces<T>(work: Pieces<T>): Promise<T> {
  for (const turn = inTurns(); ; ) {
    const { done, value } = work.next();
    if (done) return value;
    await turn();
  }
}
