import addresses from "hone:wasm";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { features } from "./features.js";
import { wasm } from "./index.js";
import { wasm as inline } from "./inline.js";
import { Linkage } from "./linkage.js";
import { moduleOf } from "./module.js";
import { packedKernels } from "./packed-kernels.js";
import { pixels, recurrence } from "./test/programs.js";
import { unshared } from "./unshared.js";

const files = new Map<string, Uint8Array<ArrayBuffer>>();
for (const [name, address] of Object.entries(addresses)) {
  files.set(name, new Uint8Array(await readFile(address())));
}
/** What a server has at that path. */
const fileAt = (path: string) => files.get(/kernels-(.*)\.wasm$/.exec(path)?.[1] ?? "") ?? "";

let server: Server;
let origin = "";
const asked: string[] = [];
let answer: (path: string) => { status?: number; type: string; body: Uint8Array | string };

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url ?? "");
    const { status = 200, type, body } = answer(request.url ?? "");
    response.writeHead(status, { "content-type": type }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

async function stateOn(backend: ReturnType<typeof wasm>) {
  const device = await backend.open();
  const executable = await device.load(recurrence());
  executable.bind("images", await device.upload({ images: pixels }));
  executable.run("step", { first: 0, steps: 20 });
  const [state] = await executable.read(["state"]);
  await device.close();
  return { state, info: device.info };
}

test("packed kernels are the files, byte by byte", async () => {
  for (const [name, bytes] of files) {
    const [family = "", build] = name.split("-");
    expect(await packedKernels.bytes(family, build === "relaxed"), name).toEqual(bytes);
  }
});

test("for memory that is not shared one bit changes, and the engine agrees", async () => {
  features();
  for (const [name, bytes] of files) {
    const changed = unshared(bytes);
    const places = [...bytes.keys()].filter((at) => bytes[at] !== changed[at]);
    expect(places).toHaveLength(1);
    expect(WebAssembly.validate(changed)).toBe(true);
    const memory = (shared: boolean) =>
      new WebAssembly.Memory({ initial: 1, maximum: 65_536, shared });
    const linked = (code: typeof bytes, shared: boolean) =>
      new WebAssembly.Instance(new WebAssembly.Module(code), {
        env: { ...new Linkage(memory(shared)).imports.env },
      });
    const isBase = name.startsWith("base");
    expect("runWork" in linked(bytes, true).exports).toBe(isBase);
    expect("runWork" in linked(changed, false).exports).toBe(isBase);
    expect(() => linked(bytes, false)).toThrow(WebAssembly.LinkError);
    expect(() => linked(changed, true)).toThrow(WebAssembly.LinkError);
  }
});

test("@hone/wasm/inline computes the same bits, on one thread and on two, and fetches nothing", async () => {
  const fetched = vi.spyOn(globalThis, "fetch");
  const expected = await stateOn(wasm({ threads: 1 }));
  expect(await stateOn(inline({ threads: 1 }))).toEqual(expected);
  expect((await stateOn(inline({ threads: 2, shareFrom: 0 }))).state).toEqual(expected.state);
  expect(fetched).not.toHaveBeenCalled();
  fetched.mockRestore();
  expect(() => inline({ kernelsUrl: "/here" } as object)).toThrow('no option "kernelsUrl"');
});

test("with kernelsUrl the build that is needed is fetched once for all devices, whatever its type", async () => {
  answer = (path) => ({ type: "text/plain", body: fileAt(path) });
  asked.length = 0;
  const expected = await stateOn(wasm({ threads: 1 }));
  const options = { kernelsUrl: `${origin}/some/folder`, threads: 1 };
  const found = await Promise.all([stateOn(wasm(options)), stateOn(wasm(options))]);
  expect(found).toEqual([expected, expected]);
  await stateOn(wasm({ ...options, threads: 2, kernelsUrl: new URL(`${origin}/some/folder/`) }));
  const name = features().relaxed ? "relaxed" : "plain";
  const named = (build: string) =>
    ["base", "elementwise", "noise", "training"].map(
      (one) => `/some/folder/kernels-${one}-${build}.wasm`,
    );
  expect([...asked].sort()).toEqual(named(name));
  expect((await stateOn(wasm({ ...options, relaxed: false }))).info.numerics).toBe("wasm-unfused");
  expect(asked.slice(4).sort()).toEqual(features().relaxed ? named("plain") : []);
});

test("where the folder has no kernels the error says what was there, and a later try may work", async () => {
  const kernelsUrl = `${origin}/later/`;
  answer = () => ({ status: 404, type: "text/html", body: "no" });
  const backend = wasm({ kernelsUrl, threads: 1, relaxed: false });
  await expect(backend.open()).rejects.toMatchObject({
    kind: "BackendUnavailable",
    message: `[hone] wasm: kernelsUrl is "${kernelsUrl}", and kernels-base-plain.wasm cannot be had from there (the server answers 404). Serve the .wasm files of @hone/wasm/dist in that folder, or leave kernelsUrl out.`,
  });
  answer = () => ({ type: "text/html", body: "<!doctype html>" });
  await expect(backend.open()).rejects.toThrow("what is there is no WebAssembly");
  answer = () => ({ type: "text/html", body: "" });
  await expect(backend.open()).rejects.toThrow("what is there is no WebAssembly");
  answer = (path) => ({ type: "application/wasm", body: fileAt(path) });
  await (await backend.open()).close();
});

test("devices share one module for each kind of memory", async () => {
  const build = { relaxed: false, shared: true };
  const first = moduleOf(packedKernels, build);
  expect(await moduleOf(packedKernels, build)).toBe(await first);
  expect(await moduleOf(packedKernels, { ...build, shared: false })).not.toBe(await first);
});

test.each(["here", "http://"])("kernelsUrl %j is no address in Node", (kernelsUrl) => {
  expect(() => wasm({ kernelsUrl })).toThrow(
    `[hone] wasm: kernelsUrl is "${kernelsUrl}", which is no address here. Give a whole one.`,
  );
});
