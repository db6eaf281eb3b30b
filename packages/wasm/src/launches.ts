/**
 * What an entry's calls become, on the thread that asks for it: launches of kernels, as plain data. The device gets the
 * entry with them, and before it the kernels' families that it has not got yet.
 */

import {
  type Entry,
  inTurns,
  type Lowering,
  loaded,
  locationOf,
  missingKernel,
} from "@hone/core/kernels";
import { families, familyOf, hasFile, ops } from "./families.js";
import type { KernelCall, LoweringTable } from "./kernels/lowering.js";
import type { Bytes } from "./unshared.js";

/** An entry as the device itself gets it. */
export interface LaunchedEntry extends Entry {
  /** By call. */
  readonly launches: readonly (readonly KernelCall[])[];
}

/** Kernels beyond the base's. */
export interface KernelFamily {
  readonly name: string;
  /** A module for the device's kind of memory. */
  readonly bytes: Bytes;
}

/** What is to be known of a device that takes launched entries. */
export interface LaunchTarget {
  /** Whether its memory is one that threads share. */
  readonly shared: boolean;
  readonly bytesOf: (family: string) => Promise<Bytes>;
  /** Gives it a family, before any entry that is given to it from then on. */
  readonly install: (family: KernelFamily) => void | Promise<void>;
}

/** For one device. */
export function launches({ shared, bytesOf, install }: LaunchTarget): Lowering {
  const installed = new Map<string, Promise<void>>();
  const installOnce = (name: string): Promise<void> => {
    const known = installed.get(name);
    if (known) return known;
    const installing = (async () => install({ name, bytes: await bytesOf(name) }))();
    installed.set(name, installing);
    // Who asks again tries again.
    installing.catch(() => installed.delete(name));
    return installing;
  };
  const needed = (names: Iterable<string>) =>
    Promise.all([...new Set(names)].filter(hasFile).map(installOnce));

  async function lower(entry: Entry): Promise<LaunchedEntry> {
    const names = new Set<string>();
    for (const call of entry.calls) {
      const name = familyOf(call.op);
      if (name === undefined) throw missingKernel("wasm", locationOf(entry, call), call.op);
      names.add(name);
    }
    // Side by side: an op's launcher mostly calls kernels of its own family.
    const [found] = await Promise.all([
      loaded("wasm", () => Promise.all([...names].map((name) => families[name]?.load()))),
      needed(names),
    ]);
    const table: LoweringTable = Object.assign({}, ...found.map((part) => part?.lowerings));
    const launches: (readonly KernelCall[])[] = [];
    const turn = inTurns();
    for (const call of entry.calls) {
      const next = turn();
      if (next) await next;
      launches.push(table[call.op]?.(call, shared) ?? []);
    }
    await needed(launches.flat().flatMap(familiesOf));
    return { ...entry, launches };
  }
  return { ops, lower };
}

/** Of the kernels that it calls. */
function familiesOf({ kernel, arguments: list }: KernelCall): string[] {
  const named = list.flatMap((argument) =>
    typeof argument === "object" && argument.kind === "kernel" ? [argument.kernel.family] : [],
  );
  return [typeof kernel === "string" ? (kernel.split("/")[0] as string) : kernel.family, ...named];
}
