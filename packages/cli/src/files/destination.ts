/**
 * What a name given for output stands for. A regular file is replaced, and so is what a link leads to, as a
 * shell's `>` would; a pipe or a device cannot be replaced, and is written into; so is an open descriptor of
 * this process, which is what `/dev/stdout` and `/dev/fd/3` are: opened anew, a file behind it would be
 * written from its start.
 */
import { lstat, readlink, realpath, stat } from "node:fs/promises";
import path from "node:path";
import process from "node:process";
import { specialKind } from "@hone/data";
import { FileFault } from "./file-fault.js";

export type Destination =
  | {
      readonly kind: "file";
      readonly path: string;
      /** Permissions of the file that is there. */
      readonly mode: number | undefined;
    }
  | { readonly kind: "pipe" | "device"; readonly path: string }
  | { readonly kind: "descriptor"; readonly descriptor: number };

const mostLinks = 40;

/** @throws FileFault; the system's errors */
export async function destinationOf(name: string): Promise<Destination> {
  if (/[/\\]$/.test(name)) throw new FileFault("it ends like the name of a folder");
  let place = path.resolve(name);
  for (let links = 0; links < mostLinks; links++) {
    place = path.join(await realFolder(path.dirname(place)), path.basename(place));
    const descriptor = descriptorOf(place);
    if (descriptor !== undefined) return { kind: "descriptor", descriptor };
    const found = await absentAsUndefined(stat(place));
    const kind = found && specialKind(found);
    if (kind === "a pipe") return { kind: "pipe", path: place };
    if (found?.isCharacterDevice()) return { kind: "device", path: place };
    if (kind !== undefined) throw new FileFault(`it is ${kind}`);
    const itself = await absentAsUndefined(lstat(place));
    if (!itself?.isSymbolicLink()) {
      return { kind: "file", path: place, mode: found && found.mode & 0o777 };
    }
    place = path.resolve(path.dirname(place), await readlink(place));
  }
  throw new FileFault("it is a link that leads back to itself");
}

/** Both names lead to the same place, whatever links are on the way. */
export async function isSamePlace(one: string, other: string): Promise<boolean> {
  return (await canonical(one)) === (await canonical(other));
}

/** The name without links, as far as there is something of that name. */
export async function canonical(name: string): Promise<string> {
  const place = path.resolve(name);
  const real = await realpath(place).catch(() => undefined);
  if (real !== undefined || place === path.dirname(place)) return real ?? place;
  return path.join(await canonical(path.dirname(place)), path.basename(place));
}

async function realFolder(folder: string): Promise<string> {
  return (await absentAsUndefined(realpath(folder))) ?? folder;
}

function descriptorOf(place: string): number | undefined {
  const standard = ["/dev/stdin", "/dev/stdout", "/dev/stderr"].indexOf(place);
  if (standard >= 0) return standard;
  const { 1: number } =
    /^\/dev\/fd\/(\d+)$/.exec(place) ??
    new RegExp(`^/proc/(?:self|${process.pid})/fd/(\\d+)$`).exec(place) ??
    [];
  return number === undefined ? undefined : Number(number);
}

async function absentAsUndefined<Value>(promise: Promise<Value>): Promise<Value | undefined> {
  try {
    return await promise;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}
