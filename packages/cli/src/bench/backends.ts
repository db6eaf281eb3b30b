/** The backends that `hone bench` knows: Hone's own, stock tfjs as one, and a file of a person's own. */
import { stat } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { type Backend, HoneError } from "@hone/core";
import { cpu } from "@hone/cpu";
import type { StockName } from "@hone/tfjs";
import { wasm } from "@hone/wasm";
import { webgpu } from "@hone/webgpu";
import { nearest } from "../arguments.js";

/** Those that are Hone's own. */
export const honeBackends = ["wasm", "webgpu", "cpu"] as const;

export const benchBackends = [...honeBackends, "tfjs-wasm", "tfjs-webgpu", "tfjs-cpu"] as const;

/** A name of `benchBackends`, or the path of a module. */
export const isModulePath = (name: string) => /[/\\]|\.m?js$/.test(name);

/** What a row calls the engine: the name, or that of the module's file. */
export function engineName(backend: string): string {
  return isModulePath(backend) ? path.basename(backend).replace(/\.m?js$/, "") : backend;
}

/** @throws BadArgument for a name that is none, or a module that is not there */
export async function checkBackendName(name: string): Promise<void> {
  if (isModulePath(name)) {
    const found = await stat(name).catch(() => undefined);
    if (found?.isFile()) return;
    const what = "there is no such file. Give a module that exports a Backend.";
    throw new HoneError("BadArgument", name, what);
  }
  if ((benchBackends as readonly string[]).includes(name)) return;
  const near = nearest(name, benchBackends);
  const suggestion = near === undefined ? "" : `Did you mean '${near}'? `;
  const known = `Choose ${benchBackends.join(", ")}, or the path of a module that exports a Backend.`;
  throw new HoneError("BadArgument", "cli", `--backend is '${name}'. ${suggestion}${known}`);
}

/** @param threads of wasm; its own default unless given @throws whatever the module throws; BadArgument */
export async function benchBackend(name: string, threads?: number): Promise<Backend> {
  if (isModulePath(name)) return moduleBackend(name);
  if (name === "wasm") return wasm(threads === undefined ? {} : { threads });
  if (name === "webgpu") return webgpu();
  if (name === "cpu") return cpu();
  return tfjsBackend(name.replace("tfjs-", "") as StockName);
}

async function moduleBackend(file: string): Promise<Backend> {
  const module = (await import(pathToFileURL(path.resolve(file)).href)) as {
    readonly default?: unknown;
    readonly backend?: unknown;
  };
  for (const candidate of [module.default, module.backend]) {
    if (isBackend(candidate)) return candidate;
  }
  const what =
    "it exports no Backend. Export one (name, specVersion 1, probe, open) as default, or as `backend`.";
  throw new HoneError("BadArgument", file, what);
}

function isBackend(value: unknown): value is Backend {
  const { probe, open } = (value ?? {}) as Partial<Backend>;
  return typeof probe === "function" && typeof open === "function";
}

/** Stock tfjs, as it is by itself; loaded only where it is asked for, since that takes a while. */
async function tfjsBackend(name: StockName): Promise<Backend> {
  const { tfjs } = await import("@hone/tfjs");
  return tfjs(name, { exact: false });
}
