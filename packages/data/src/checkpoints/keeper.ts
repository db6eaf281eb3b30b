/** Keeps the last checkpoints in a place, and finds the newest that is whole. */
import type { Checkpoint, CheckpointStore } from "@hone/core";
// Not from @hone/core itself: a worker that only keeps checkpoints does without tfjs.
import { HoneError, isHoneError } from "@hone/core/backend";
import {
  type CheckpointName,
  type CheckpointPlace,
  nameFor,
  newestFirst,
  parsedName,
} from "./place.js";

/** How many checkpoints are kept. */
export interface KeepOptions {
  /** The newest so many; 3 unless given. With one alone, a damaged file leaves nothing to go on from. */
  readonly keep?: number;
}

/** A checkpoint that was found. */
export interface FoundCheckpoint {
  readonly checkpoint: Checkpoint;
  /** Its file, for people. */
  readonly file: string;
  /** Newer ones that could not be used. */
  readonly skipped: readonly SkippedCheckpoint[];
  /** One line about those, where there are any. */
  readonly warning?: string;
}

/** A checkpoint that could not be read, and why. */
export interface SkippedCheckpoint {
  readonly file: string;
  readonly reason: string;
}

/** Keeps checkpoints of one training: give it to `fit` as `checkpoints: { to }`. */
export interface CheckpointKeeper extends CheckpointStore {
  /**
   * Keeps one for good, then removes those beyond the newest `keep`.
   * @throws BadData naming the file and the reason; those saved before are still there
   */
  save(checkpoint: Checkpoint): Promise<void>;
  /**
   * The newest checkpoint that is whole, or undefined where there is none.
   * @throws BadModelFile where there are some, and not one is whole; BadData where the place cannot be read
   */
  latest(): Promise<FoundCheckpoint | undefined>;
  /** Removes all of them: after a training that is over. @throws BadData */
  clear(): Promise<void>;
}

/** Loaded when it is needed: who only reads data sets does without. */
const codec = () => import("@hone/core/io");

const DEFAULT_KEEP = 3;
/** A writer in another process may remove what was listed; each round begins with a new list. */
const ROUNDS = 20;

/** @param where the public function, for errors @throws BadArgument */
export function keepOption(where: string, options: KeepOptions): number {
  const { keep = DEFAULT_KEEP } = options;
  if (Number.isSafeInteger(keep) && keep > 0) return keep;
  const what = `keep is ${String(keep)}. Give a whole number above 0.`;
  throw new HoneError("BadArgument", where, what);
}

/** @param open called until it has given a place once */
export function keeperIn(open: () => Promise<CheckpointPlace>, keep: number): CheckpointKeeper {
  let opened: Promise<CheckpointPlace> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  /** One after another, since each looks at what the one before has left. */
  const inTurn = <Value>(task: (place: CheckpointPlace) => Promise<Value>): Promise<Value> => {
    const turn = last.then(async () => {
      opened ??= open();
      const place = await opened.catch((error) => {
        opened = undefined;
        throw error;
      });
      return place.alone(() => task(place));
    });
    last = turn.catch(() => undefined);
    return turn;
  };
  return {
    save: (checkpoint) =>
      inTurn(async (place) => {
        const { encodeCheckpoint } = await codec();
        const bytes = await encodeCheckpoint(checkpoint);
        const [newest] = await namesIn(place);
        await place.write(nameFor((newest?.sequence ?? 0) + 1, stepOf(checkpoint)), bytes);
        const kept = (await namesIn(place)).filter(({ isRegular }) => isRegular);
        for (const { file } of kept.slice(keep)) await place.remove(file);
        await place.tidy();
      }),
    latest: () => inTurn(latestIn),
    clear: () =>
      inTurn(async (place) => {
        for (const { file, isRegular } of await namesIn(place))
          if (isRegular) await place.remove(file);
        await place.tidy();
      }),
  };
}

/** Those whose name is a checkpoint's, the newest first. */
async function namesIn(place: CheckpointPlace): Promise<CheckpointName[]> {
  const names = (await place.list()).flatMap((entry) => parsedName(entry) ?? []);
  return names.sort(newestFirst);
}

function stepOf(checkpoint: Checkpoint): number {
  if (checkpoint.kind === "session") return checkpoint.step;
  return Object.values(checkpoint.functions).reduce((sum, { step }) => sum + step, 0);
}

async function latestIn(place: CheckpointPlace): Promise<FoundCheckpoint | undefined> {
  const { decodeCheckpoint } = await codec();
  const skipped = new Map<string, string>();
  for (let round = 1; ; round++) {
    let vanished = 0;
    for (const { file, isRegular } of await namesIn(place)) {
      if (skipped.has(file)) continue;
      if (!isRegular) {
        skipped.set(file, "it is a link or a special file. Put the file itself there.");
        continue;
      }
      const where = place.locate(file);
      try {
        const bytes = await place.read(file);
        if (bytes === undefined) vanished++;
        else return found(place, file, await decodeCheckpoint(bytes, { where }), skipped);
      } catch (error) {
        if (!isHoneError(error)) throw error;
        skipped.set(file, error.message.replace(`[hone] ${where}: `, ""));
      }
    }
    if (vanished > 0 && round < ROUNDS) continue;
    if (skipped.size === 0) return undefined;
    const [[file, reason] = []] = skipped;
    const what = `no checkpoint in it is whole, of ${skipped.size}. ${file}: ${reason}`;
    throw new HoneError("BadModelFile", place.description, what);
  }
}

function found(
  place: CheckpointPlace,
  file: string,
  checkpoint: Checkpoint,
  skipped: ReadonlyMap<string, string>,
): FoundCheckpoint {
  const reasons = [...skipped].map(([name, reason]) => `${name} is passed over: ${reason}`);
  const used = `${file} is used, after step ${stepOf(checkpoint)}.`;
  return {
    checkpoint,
    file: place.locate(file),
    skipped: [...skipped].map(([name, reason]) => ({ file: place.locate(name), reason })),
    ...(skipped.size > 0 && {
      warning: `[hone] ${place.description}: ${reasons.join(" ")} ${used}`,
    }),
  };
}
