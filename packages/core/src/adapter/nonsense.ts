/** What a backend that is not ours may say of itself that cannot be meant: told before it breaks anything. */
import type { DeviceInfo, Probe } from "../backend.js";
import { contentText, valueText } from "../value-text.js";
import { otherVersion } from "./spec-version.js";

const KINDS: Readonly<Record<DeviceInfo["kind"], true>> = {
  gpu: true,
  "software-gpu": true,
  wasm: true,
  cpu: true,
};

type Fields = Readonly<Record<string, unknown>>;

/** What is wrong with what a probe gave, as the end of a sentence; undefined when nothing is. */
export function probeFault(probe: unknown): string | undefined {
  if (!isObject(probe)) return `its probe gives ${valueText(probe)}`;
  const { ok, info, reason } = probe as Partial<Probe> & Fields;
  if (ok === true) {
    const fault = infoFault(info);
    return fault === undefined ? undefined : `its probe gives ${fault}`;
  }
  if (ok === false) {
    return typeof reason === "string" ? undefined : "its probe says no, and no reason";
  }
  return `its probe gives ${contentText(probe)}, whose ok is ${valueText(ok)}`;
}

/** The same of what `open` gave. */
export function deviceFault(device: unknown): string | undefined {
  if (!isObject(device)) return `open gives ${valueText(device)}`;
  const { info, target, lost } = device;
  const missing = ["load", "upload", "memory", "close"].filter(
    (verb) => typeof device[verb] !== "function",
  );
  if (missing.length > 0) return `the device has no ${missing.join(", ")}`;
  if (typeof (lost as Partial<PromiseLike<unknown>> | undefined)?.then !== "function") {
    return `the device's lost is ${valueText(lost)}, not a promise`;
  }
  const version = isObject(target) && otherVersion({ specVersion: target.specVersion });
  if (version) return version;
  const fault = infoFault(info) ?? targetFault(target);
  return fault === undefined ? undefined : `the device has ${fault}`;
}

function infoFault(info: unknown): string | undefined {
  if (!isObject(info)) return `${valueText(info)} for its info`;
  for (const field of ["backend", "description", "numerics"]) {
    if (typeof info[field] !== "string")
      return `an info whose ${field} is ${valueText(info[field])}`;
  }
  if (!Object.hasOwn(KINDS, String(info.kind)))
    return `an info whose kind is ${valueText(info.kind)}`;
  const { threads } = info;
  return isCount(threads) ? undefined : `an info whose threads are ${valueText(threads)}`;
}

function targetFault(target: unknown): string | undefined {
  if (!isObject(target)) return `${valueText(target)} for its target`;
  const { ops, alignmentBytes, precision, maxBlockBytes, restBytes = 0 } = target;
  if (!Array.isArray(ops) || !ops.every((op) => typeof op === "string")) {
    return `a target whose ops are ${valueText(ops)}`;
  }
  if (!isCount(alignmentBytes) || Math.log2(alignmentBytes) % 1 !== 0) {
    return `a target whose alignmentBytes is ${valueText(alignmentBytes)}`;
  }
  if (precision !== 32 && precision !== 64) {
    return `a target whose precision is ${valueText(precision)}`;
  }
  if (!(typeof maxBlockBytes === "number" && maxBlockBytes > 0))
    return `a target whose maxBlockBytes is ${valueText(maxBlockBytes)}`;
  if (!(typeof restBytes === "number" && restBytes >= 0))
    return `a target whose restBytes is ${valueText(restBytes)}`;
  return undefined;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value > 0;
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}
