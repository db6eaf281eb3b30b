import { afterEach, expect, test, vi } from "vitest";
import type { Backend, Device } from "./backend.js";
import { toyBackend } from "./hosted/test/toy-backend.js";
import { hostedToy, toyProgram } from "./hosted/test/toy-program.js";
import code from "./hosted/test/toy-worker.ts?worker-text";
import { hosted, spawnWorker, workerPort } from "./hosted.js";

const devices: Device[] = [];

afterEach(async () => {
  vi.unstubAllGlobals();
  await Promise.all(devices.splice(0).map((device) => device.close()));
});

async function open(backend: Backend): Promise<Device> {
  const device = await backend.open();
  devices.push(device);
  return device;
}

function fromUrl(url: string): Backend {
  return hosted({ name: "toy", spawn: () => spawnWorker({ code: "", url, name: "toy" }) });
}

async function bits(backend: Backend): Promise<Uint32Array> {
  const executable = await (await open(backend)).load(toyProgram());
  executable.write("x", Float32Array.from([1, -2, 3e-39, 4, Number.NaN, -0, 1e38, 8]));
  executable.run("Accumulate", { first: 3, steps: 100 });
  const [x] = await executable.read(["x"]);
  return new Uint32Array((x as Float32Array).buffer);
}

test("in a page, a blob worker and a worker from a url compute the same bits as the page", async () => {
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  const expected = await bits(toyBackend());
  expect(await bits(hostedToy(code))).toEqual(expected);
  expect(await bits(fromUrl(url))).toEqual(expected);
  URL.revokeObjectURL(url);
});

test("the address of the blob is given back once the worker runs", async () => {
  const revoke = vi.spyOn(URL, "revokeObjectURL");
  const device = await open(hostedToy(code));
  expect(revoke).toHaveBeenCalledOnce();
  await device.close();
  expect(revoke).toHaveBeenCalledOnce();
  revoke.mockRestore();
});

test("in a page, an error thrown or a rejection left alone in the worker loses the device", async () => {
  for (const [op, reason] of [
    ["ThrowOutside", "thrown where nobody catches"],
    ["RejectOutside", "rejected where nobody catches"],
  ] as const) {
    const device = await open(hostedToy(code));
    const executable = await device.load(toyProgram());
    executable.run(op, { first: 0, steps: 1 });
    const lost = await device.lost;
    expect(lost).toMatchObject({ expected: false, reason: expect.stringContaining(reason) });
    await expect(executable.sync()).rejects.toMatchObject({ kind: "DeviceLost" });
  }
});

test("in a page, close ends a busy worker without waiting for it", async () => {
  const device = await open(hostedToy(code));
  const longerThanAnyTestMs = 3_600_000;
  const executable = await device.load(toyProgram(longerThanAnyTestMs));
  executable.run("Spin", { first: 0, steps: 1 });
  const pending = executable.sync();
  const [settled] = await Promise.all([Promise.allSettled([pending]), device.close()]);
  expect(settled[0]).toMatchObject({ status: "rejected", reason: { kind: "DeviceLost" } });
  expect(await device.lost).toMatchObject({ expected: true });
});

test("where a policy forbids blob workers, probe and open say that a url helps", async () => {
  const frame = document.createElement("iframe");
  frame.srcdoc = `<meta http-equiv="Content-Security-Policy" content="worker-src 'self'">`;
  const loaded = new Promise((resolve) => frame.addEventListener("load", resolve));
  document.body.append(frame);
  await loaded;
  // A Worker of the frame's own constructor obeys the frame's policy.
  vi.stubGlobal("Worker", (frame.contentWindow as unknown as typeof globalThis).Worker);
  const backend = hostedToy(code);
  expect(await backend.probe()).toMatchObject({
    ok: false,
    hint: expect.stringContaining("Content-Security-Policy"),
  });
  await expect(backend.open()).rejects.toMatchObject({
    kind: "BackendUnavailable",
    message: expect.stringContaining("as workerUrl"),
  });
  frame.remove();
});

test("a worker's script that cannot be loaded is BackendUnavailable", async () => {
  const url = URL.createObjectURL(new Blob([code]));
  URL.revokeObjectURL(url);
  await expect(fromUrl(url).open()).rejects.toMatchObject({
    kind: "BackendUnavailable",
    message: expect.stringContaining("could not be loaded"),
  });
});

test("workerPort is refused in a page", () => {
  expect(() => workerPort()).toThrow("outside of a worker");
});

test("a device that is not wanted any more while it opens leaves no worker, and says so", async () => {
  const living = new Set<Worker>();
  const PageWorker = globalThis.Worker;
  class CountedWorker extends PageWorker {
    constructor(...given: ConstructorParameters<typeof Worker>) {
      super(...given);
      living.add(this);
    }
    override terminate(): void {
      living.delete(this);
      super.terminate();
    }
  }
  vi.stubGlobal("Worker", CountedWorker);
  const controller = new AbortController();
  const opening = hostedToy(code).open({ signal: controller.signal });
  await expect.poll(() => living.size).toBe(1);
  controller.abort("gone");
  await expect(opening).rejects.toMatchObject({ kind: "Aborted", cause: "gone" });
  expect(living.size).toBe(0);
  await expect(hostedToy(code).open({ signal: controller.signal })).rejects.toThrow(
    "[hone] toy: stopped on request.",
  );
});
