/** Backends of others that throw, say nonsense or never answer: refused with what they did, never a raw error. */
import { cpu } from "@hone/cpu";
import { afterEach, expect, test, vi } from "vitest";
import type { Backend, Device } from "../backend.js";
import { cnn } from "../models/index.js";
import { pickFastest } from "../pick.js";
import { probeOf } from "./probe.js";
import { verifyDevice } from "./verify-device.js";

const right = cpu({ worker: false });
const named = (backend: Partial<Backend>): Backend => ({ ...right, name: "other", ...backend });
const answering = (probe: unknown) => named({ probe: async () => probe as never });

const { info } = await (async () => {
  const device = await right.open();
  await device.close();
  return device;
})();

afterEach(() => {
  vi.useRealTimers();
});

const probes: readonly [what: string, backend: Backend, reason: RegExp][] = [
  [
    "rejects",
    named({ probe: () => Promise.reject(new Error("no luck")) }),
    /^its probe fails: no luck$/,
  ],
  [
    "throws",
    named({
      probe: () => {
        throw new TypeError("no luck");
      },
    }),
    /^its probe fails: no luck$/,
  ],
  [
    "throws a text",
    named({ probe: () => Promise.reject("no luck") }),
    /^its probe fails: no luck$/,
  ],
  ["gives nothing", answering(undefined), /^its probe gives undefined$/],
  ["gives a text", answering("yes"), /^its probe gives "yes"$/],
  [
    "gives no ok",
    answering({ info }),
    /^its probe gives an object with info, whose ok is undefined$/,
  ],
  ["gives no info", answering({ ok: true }), /^its probe gives undefined for its info$/],
  [
    "gives an unknown kind",
    answering({ ok: true, info: { ...info, kind: "abacus" } }),
    /^its probe gives an info whose kind is "abacus"$/,
  ],
  [
    "gives a kind that every object has",
    answering({ ok: true, info: { ...info, kind: "constructor" } }),
    /kind is "constructor"$/,
  ],
  [
    "gives no numerics",
    answering({ ok: true, info: { ...info, numerics: 7 } }),
    /^its probe gives an info whose numerics is 7$/,
  ],
  [
    "gives no threads",
    answering({ ok: true, info: { ...info, threads: 0 } }),
    /^its probe gives an info whose threads are 0$/,
  ],
  ["says no without a reason", answering({ ok: false }), /^its probe says no, and no reason$/],
  ["has none", named({ probe: undefined as never }), /^its probe fails: .*not a function$/],
];

test.each(probes)(
  "a backend whose probe %s is refused, and the others are taken",
  async (_what, backend, reason) => {
    const device = await pickFastest([backend, right]);
    expect(device.info.backend).toBe("cpu");
    const other = device.candidates.find(({ name }) => name === "other");
    expect(other?.outcome).toBe("refused");
    expect(other?.reason).toMatch(reason);
    expect(other?.hint).toBeDefined();
    await device.close();
    await expect(pickFastest([backend])).rejects.toMatchObject({ kind: "BackendUnavailable" });
  },
);

test("a probe that never ends is not waited for for ever", async () => {
  vi.useFakeTimers();
  const probing = probeOf(named({ probe: () => new Promise(() => {}) }));
  await vi.advanceTimersByTimeAsync(20_000);
  expect(await probing).toMatchObject({ reason: "its probe fails: it has not ended after 20 s" });
});

const model = cnn({ seed: 1 });
const devices: readonly [what: string, change: (device: Device) => unknown, reason: RegExp][] = [
  ["nothing", () => undefined, /open gives undefined/],
  ["a text", () => "device", /open gives "device"/],
  [
    "a device without verbs",
    ({ load, ...rest }) => ({ ...rest, upload: load }),
    /the device has no load/,
  ],
  [
    "a device that is never lost",
    (device) => ({ ...device, lost: undefined }),
    /lost is undefined, not a promise/,
  ],
  ["a device without info", (device) => ({ ...device, info: undefined }), /undefined for its info/],
  ["a device without target", (device) => ({ ...device, target: null }), /null for its target/],
  [
    "a target without ops",
    (device) => ({ ...device, target: { ...device.target, ops: "all" } }),
    /a target whose ops are "all"/,
  ],
  [
    "an odd alignment",
    (device) => ({ ...device, target: { ...device.target, alignmentBytes: 12 } }),
    /a target whose alignmentBytes is 12/,
  ],
  [
    "blocks of no size",
    (device) => ({ ...device, target: { ...device.target, maxBlockBytes: Number.NaN } }),
    /a target whose maxBlockBytes is NaN/,
  ],
];

/** A plain object with the verbs of a device of cpu. */
async function plain(): Promise<Device> {
  const device = await right.open();
  return {
    info: device.info,
    target: device.target,
    lost: device.lost,
    load: (program) => device.load(program),
    upload: (columns) => device.upload(columns),
    memory: () => device.memory(),
    close: () => device.close(),
  };
}

test.each(devices)(
  "a backend that opens %s is refused, whether a model is timed or not",
  async (_what, change, reason) => {
    const backend = named({ open: async () => change(await plain()) as Device });
    for (const options of [
      {},
      { for: model, mode: "predict" as const, steps: 1, store: false as const },
    ]) {
      const device = await pickFastest([backend, right], options);
      const other = device.candidates.find(({ name }) => name === "other");
      expect(other?.outcome).toBe("refused");
      expect(other?.reason).toMatch(reason);
      await device.close();
    }
    const device = change(await plain()) as Device;
    if (typeof device?.load !== "function") return;
    expect(await verifyDevice(device)).toMatchObject({
      ok: false,
      reason: expect.stringMatching(reason),
    });
  },
);
