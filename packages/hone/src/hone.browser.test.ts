import { afterEach, expect, test } from "vitest";
import { compile, digits, fastest, type Moved, mlp, type PickOptions } from "./index.js";

declare const __HONE_SOAK__: boolean;

afterEach(() => localStorage.clear());

/** Trains until nothing is measured any more. @returns where it has moved */
async function trainUntilSettled(options: Pick<PickOptions, "store">) {
  const { train } = await digits({ train: 640, test: 64 });
  const model = mlp({ units: [256, 128], seed: 3 });
  const device = await fastest({ for: model, ...options });
  const first = device.info.backend;
  const session = await compile(model, { device });
  const records = session.steps(train, { epochs: 100_000 });
  const moves: Moved[] = [];
  const looking = (async () => {
    for await (const record of records) if (record.kind === "moved") moves.push(record);
  })();
  await device.settled;
  await records.return(undefined);
  await looking;
  const { candidates, why } = device;
  await device.close();
  return { first, moves, candidates, why };
}

test("in a page wasm is given first, the software GPU and plain JavaScript are measured beside it, and the choice is kept", async () => {
  const { first, candidates } = await trainUntilSettled({});
  expect(first).toBe("wasm");
  expect(candidates.map(({ name }) => name).sort()).toEqual(["cpu", "wasm", "webgpu"]);
  for (const { outcome } of candidates) expect(outcome).toMatch(/chosen|slower|dropped/);
  expect(Object.keys(localStorage)).toEqual([expect.stringMatching(/^hone\.choice\./)]);
  const again = await fastest({ for: mlp({ units: [256, 128], seed: 9 }) });
  expect(again.why).toMatch(/measured .* ago/);
  await again.close();
});

if (__HONE_SOAK__) {
  test("with `store: false` a page keeps nothing", async () => {
    await trainUntilSettled({ store: false });
    expect(localStorage.length).toBe(0);
  });
}
