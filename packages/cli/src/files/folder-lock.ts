/**
 * One command at a time in a folder.
 *
 * Each puts a claim of its own into the folder, under a name that nobody else ever uses, and then looks for
 * the claims of others: of two that come at once at least one sees the other and steps back. A claim whose
 * process was killed is void: on the same system its number says so; from another machine, as on a cluster's
 * shared disk, that it has not been renewed for a minute.
 */
import { randomBytes } from "node:crypto";
import { rmdirSync, rmSync } from "node:fs";
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import process from "node:process";
import { setTimeout as wait } from "node:timers/promises";
import { HoneError } from "@hone/core";
import { readRegularText } from "@hone/data";
import { cannotWrite } from "./file-fault.js";
import { hasEnded, type ProcessIdentity, thisProcess } from "./processes.js";

export interface FolderLock {
  /** @throws BadArgument when another process took the folder over, while this one stood still */
  check(): Promise<void>;
  /** Gives the folder back; one that this made, and that is still empty, goes. */
  release(): void;
}

interface Claim extends ProcessIdentity {
  readonly command: string;
  /** When it was made. */
  readonly since: string;
}

interface FoundClaim {
  readonly file: string;
  readonly claim: Claim;
}

const claimName = /^\.hone-lock-[\da-f]{32}\.json$/;
const renewMs = 10_000;
const voidMs = 60_000;
/** Of two that came at once, both may have stepped back. */
const mostTries = 4;
const freshMs = 5000;
const longestClaim = 10_000;

/**
 * Makes the folder where it is not there, and takes it for this process.
 * @param command what others are told: `hone train`
 * @throws BadArgument naming the process that has it
 */
export async function lockFolder(folder: string, command: string): Promise<FolderLock> {
  try {
    const made = await mkdir(folder, { recursive: true });
    for (let tries = 1; ; tries++) {
      const claim = await OwnClaim.make(folder, command, made);
      const other = await otherClaim(folder, claim.file);
      if (other === undefined) return claim.held();
      claim.release();
      const isFresh = Date.now() - Date.parse(other.claim.since) < freshMs;
      if (!isFresh || tries === mostTries) throw taken(folder, other.claim);
      await wait(30 + Math.random() * 100 * tries);
      await mkdir(folder, { recursive: true });
    }
  } catch (error) {
    throw cannotWrite(folder, error);
  }
}

class OwnClaim implements FolderLock {
  readonly file: string;
  readonly #folder: string;
  readonly #command: string;
  readonly #made: string | undefined;
  readonly #since = new Date().toISOString();
  #handle: FileHandle | undefined;
  #renewing: NodeJS.Timeout | undefined;

  private constructor(folder: string, command: string, made: string | undefined) {
    this.#folder = folder;
    this.#command = command;
    this.#made = made;
    this.file = path.join(folder, `.hone-lock-${randomBytes(16).toString("hex")}.json`);
  }

  /** @param made the topmost folder that was made for it */
  static async make(folder: string, command: string, made: string | undefined): Promise<OwnClaim> {
    const claim = new OwnClaim(path.resolve(folder), command, made);
    process.on("exit", claim.#remove);
    await claim.#write();
    return claim;
  }

  /** Renews itself from now on. */
  held(): FolderLock {
    this.#renewing = setInterval(() => this.#renew(), renewMs).unref();
    return this;
  }

  async check(): Promise<void> {
    if ((await stat(this.file).catch(() => undefined)) !== undefined) return;
    const other = await otherClaim(this.#folder, this.file);
    if (other !== undefined) throw taken(this.#folder, other.claim);
    // A person cleared the folder; the work goes on.
    await this.#handle?.close();
    await mkdir(this.#folder, { recursive: true });
    await this.#write();
  }

  release(): void {
    clearInterval(this.#renewing);
    process.off("exit", this.#remove);
    this.#handle?.close().catch(() => undefined);
    this.#handle = undefined;
    this.#remove();
  }

  async #write(): Promise<void> {
    const text = this.#text();
    // Under another name until it is whole: nobody must read half of it.
    const partial = this.file.replace(/json$/, "partial");
    try {
      this.#handle = await open(partial, "wx", 0o644);
      await this.#handle.write(text, 0);
      await rename(partial, this.file);
    } catch (error) {
      await rm(partial, { force: true }).catch(() => undefined);
      this.release();
      throw error;
    }
  }

  /** Written, not touched: the time is then that of the file's own machine. */
  #renew(): void {
    this.#handle?.write(this.#text(), 0).catch(() => undefined);
  }

  #text(): string {
    const claim: Claim = { ...thisProcess(), command: this.#command, since: this.#since };
    return `${JSON.stringify(claim)}\n`;
  }

  readonly #remove = () => {
    rmSync(this.file, { force: true });
    if (this.#made === undefined) return;
    const top = path.resolve(this.#made);
    try {
      for (let place = this.#folder; ; place = path.dirname(place)) {
        rmdirSync(place);
        if (place === top) return;
      }
    } catch {
      // There is something in it.
    }
  };
}

/** A claim that holds, beside one's own; those that are void are removed. */
async function otherClaim(folder: string, own: string): Promise<FoundClaim | undefined> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => claimName.test(name));
  for (const file of names.map((name) => path.join(path.resolve(folder), name))) {
    if (file === own) continue;
    const claim = await readClaim(file);
    if (claim === undefined) continue;
    if (!(await isVoid(file, claim, own))) return { file, claim };
    await rm(file, { force: true });
  }
  return undefined;
}

async function isVoid(file: string, claim: Claim, own: string): Promise<boolean> {
  const ended = hasEnded(claim);
  if (ended !== undefined) return ended;
  const [theirs, ours] = await Promise.all([modifiedMs(file), modifiedMs(own)]);
  // Both times are those of the disk's own clock, whatever the machines' say.
  return theirs === undefined || (ours ?? Date.now()) - theirs > voidMs;
}

async function modifiedMs(file: string): Promise<number | undefined> {
  return (await stat(file).catch(() => undefined))?.mtimeMs;
}

/** Undefined for one that is gone by now, or was never ours. */
async function readClaim(file: string): Promise<Claim | undefined> {
  try {
    const claim = JSON.parse(await readRegularText(file, longestClaim)) as Claim;
    const { pid, host, system, started, command, since } = claim;
    const texts = [host, system, started, command, since];
    return Number.isSafeInteger(pid) && texts.every((text) => typeof text === "string")
      ? claim
      : undefined;
  } catch {
    return undefined;
  }
}

function taken(folder: string, claim: Claim): HoneError {
  const { pid, host, command, since, system } = claim;
  const near = system === thisProcess().system;
  const elsewhere = near ? "" : " (if that machine is gone, its claim ends in a minute)";
  const what = `${command} works in it, process ${pid} on ${host} since ${since}${elsewhere}. Wait for its end, or give another folder.`;
  return new HoneError("BadArgument", folder, what);
}
