/**
 * Trainings within a longer command: one that was cut short goes on where it was when the same command is given again,
 * to the same bits. What does not fit any more is trained anew; nothing of this is ever an error.
 */
import { createHash } from "node:crypto";
import { rm, rmdir } from "node:fs/promises";
import path from "node:path";
import {
  type CompileOptions,
  compile,
  type Device,
  hasEnded,
  isHoneError,
  type LayersModelLike,
  type Session,
  type SessionCheckpoint,
} from "@hone/core";
import { type CheckpointKeeper, checkpointFolder } from "@hone/data";

export interface UnfinishedRun<Model extends LayersModelLike> {
  readonly session: Session<Model>;
  /** Where it keeps checkpoints. */
  readonly store: CheckpointKeeper;
  /** The state it goes on from. */
  readonly resume: SessionCheckpoint | undefined;
  /** It is over, and nothing of it is wanted any more. */
  end(): Promise<void>;
}

/**
 * @param folder for all trainings of the command @param identity of this one: all that it is made of
 * @param fits whether a checkpoint is of use
 */
export async function compileUnfinished<Model extends LayersModelLike>(
  model: Model,
  options: CompileOptions,
  folder: string,
  identity: unknown,
  fits: (resume: SessionCheckpoint) => boolean = () => true,
): Promise<UnfinishedRun<Model>> {
  const name = createHash("sha256").update(JSON.stringify(identity)).digest("hex").slice(0, 32);
  const place = path.join(folder, name);
  const store = checkpointFolder(place);
  const end = async () => {
    await rm(place, { recursive: true, force: true }).catch(() => undefined);
    // The folder goes with the last of them.
    await rmdir(folder).catch(() => undefined);
  };
  const resume = await usable(store, options.device, fits);
  if (resume) {
    try {
      return { session: await compile(model, { ...options, resume }), store, resume, end };
    } catch (error) {
      if (!isHoneError(error, "BadArgument")) throw error;
    }
  }
  await end();
  return { session: await compile(model, options), store, resume: undefined, end };
}

/** A checkpoint in the middle of a training, by the arithmetic that goes on with it. */
async function usable(
  store: CheckpointKeeper,
  { info }: Device,
  fits: (resume: SessionCheckpoint) => boolean,
): Promise<SessionCheckpoint | undefined> {
  const found = await store.latest().catch(() => undefined);
  const checkpoint = found?.checkpoint;
  if (checkpoint?.kind !== "session" || hasEnded(checkpoint)) return undefined;
  return checkpoint.numerics === info.numerics && fits(checkpoint) ? checkpoint : undefined;
}
