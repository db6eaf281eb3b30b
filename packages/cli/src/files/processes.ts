/**
 * Telling whether another process of ours still lives. A process's number says so only on its own system
 * (containers have numbers of their own), and only with the moment it started, since numbers are given again.
 */
import { createHash } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import os from "node:os";
import process from "node:process";

export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** The same for all processes whose numbers can be compared. */
  readonly system: string;
  /** When it started, in the system's own count; empty where that is not told. */
  readonly started: string;
}

let own: ProcessIdentity | undefined;

export function thisProcess(): ProcessIdentity {
  own ??= {
    pid: process.pid,
    host: os.hostname(),
    system: systemName(),
    started: startOf(process.pid),
  };
  return own;
}

/** Whether it has ended; undefined for one of another system. */
export function hasEnded({ pid, system, started }: ProcessIdentity): boolean | undefined {
  if (system !== thisProcess().system) return undefined;
  return !isRunning(pid) || (started !== "" && startOf(pid) !== started);
}

/** Whether some process of this system has that number. */
export function isRunning(pid: number): boolean {
  // One that has ended is there until its parent asks how, which a container's first process may never do.
  if (/^[ZX]$/.test(fieldsOf(pid)[0] ?? "")) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process may not be asked, but it is there.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** A short name for host, boot and namespace of process numbers. */
function systemName(): string {
  const parts = [
    os.hostname(),
    orEmpty(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8")),
    orEmpty(() => readlinkSync("/proc/self/ns/pid")),
  ];
  return createHash("sha256").update(parts.join("\n")).digest("hex").slice(0, 8);
}

/** In clock ticks since boot. */
function startOf(pid: number): string {
  return fieldsOf(pid)[19] ?? "";
}

/** What Linux tells of a process, from its state on: the name before that may hold spaces. */
function fieldsOf(pid: number): readonly string[] {
  const text = orEmpty(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}

function orEmpty(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}
