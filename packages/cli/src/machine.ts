/** The machine that a report is about. */
import os from "node:os";
import process from "node:process";

export interface Machine {
  readonly processor: string | undefined;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly system: string;
  readonly node: string;
}

export function thisMachine(): Machine {
  return {
    processor: os.cpus()[0]?.model.trim(),
    cores: os.availableParallelism(),
    memoryBytes: os.totalmem(),
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    node: process.version,
  };
}

/** As pages list it. */
export function machineEntries(machine: Machine): Readonly<Record<string, string | number>> {
  return {
    processor: machine.processor ?? "unknown",
    cores: machine.cores,
    "memory (GB)": Math.round(machine.memoryBytes / 1e9),
    system: machine.system,
    Node: machine.node,
  };
}

/** "2026-11-30 18:16 UTC". */
export function dateText(date: Date): string {
  return `${date.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
