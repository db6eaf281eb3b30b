import { cpu } from "@hone/cpu";
import { expect, test, vi } from "vitest";
import { adam } from "../graph/optimizer.js";
import type { Checkpoint, SessionCheckpoint } from "../run/checkpoint.js";
import { Session } from "../run/session.js";
import { tinyData, tinyParts } from "../run/test/tiny-model.js";
import { decodeCheckpoint, encodeCheckpoint } from "./checkpoint-file.js";
import { programCheckpoint, putTogether, smallCheckpoint, takenApart } from "./test/checkpoints.js";

const where = "saved/one.safetensors";
const decode = (bytes: Uint8Array) => decodeCheckpoint(bytes.slice(), { where });

async function refusal(bytes: Uint8Array): Promise<string> {
  return decode(bytes).then(
    () => "accepted",
    (error) => {
      expect(error).toMatchObject({ name: "HoneError", kind: "BadModelFile" });
      expect(error.message.startsWith(`[hone] ${where}: `)).toBe(true);
      return error.message;
    },
  );
}

/** Bits of all tensors; `toEqual` takes NaN of any bits for equal. */
const bitsOf = ({ tensors }: Checkpoint) =>
  Object.entries(tensors).map(([name, { shape, data }]) => [
    ...[name, shape, data.constructor.name],
    [...new Uint8Array(data.buffer, data.byteOffset, data.byteLength)],
  ]);

test.each([
  ["of a training", smallCheckpoint()],
  ["of a program", programCheckpoint()],
])("a checkpoint %s is the same after its file was written and read", async (_, checkpoint) => {
  const decoded = await decode(await encodeCheckpoint(checkpoint));
  expect(decoded).toEqual(checkpoint);
  expect(bitsOf(decoded)).toEqual(bitsOf(checkpoint));
  const { data } = Object.values(decoded.tensors)[0]!;
  expect(data.byteLength).toBe(data.buffer.byteLength);
  expect(await encodeCheckpoint(decoded)).toEqual(await encodeCheckpoint(checkpoint));
});

test("a checkpoint that crossed to another realm is written all the same", async () => {
  const { runInNewContext } = process.getBuiltinModule("node:vm");
  const options = runInNewContext("({ epochs: 5, factors: { list: Float32Array.of(0.5) } })");
  const checkpoint = smallCheckpoint();
  const training = { ...checkpoint.training!, options };
  const decoded = (await decode(
    await encodeCheckpoint({ ...checkpoint, training }),
  )) as SessionCheckpoint;
  expect(decoded.training?.options).toEqual({
    epochs: 5,
    factors: { list: Float32Array.of(0.5) },
  });
});

test("a training goes on from the file to the same bits as one that never stopped", async () => {
  const device = await cpu({ worker: false }).open();
  const settings = { optimizer: adam(0.02), dropout: 0.3, seed: 11 };
  const options = {
    epochs: 4,
    batchSize: 16,
    progressMs: 0,
    validation: 0.2,
    earlyStopping: { patience: 1 },
  };
  const data = tinyData(150);
  const whole = new Session(tinyParts(device, settings));
  const files: Uint8Array<ArrayBuffer>[] = [];
  for await (const _record of whole.steps(data, options))
    files.push(await encodeCheckpoint(await whole.checkpoint()));
  const { tensors, step } = await whole.checkpoint();
  whole.close();
  expect(files.length).toBeGreaterThan(4);
  for (const file of files.slice(0, 5)) {
    const resume = (await decode(file)) as SessionCheckpoint;
    expect(resume.training).toBeDefined();
    const session = new Session({ ...tinyParts(device, settings), resume });
    await session.fit(data, options);
    const end = await session.checkpoint();
    expect({ tensors: end.tensors, step: end.step }).toEqual({ tensors, step });
    session.close();
  }
  await device.close();
});

test("a file cut at any byte is refused, and the refusal says that it is cut", async () => {
  const file = await encodeCheckpoint(smallCheckpoint());
  const step = Math.floor(file.length / 200);
  for (let length = 0; length < file.length; length += step)
    expect(await refusal(file.subarray(0, length)), `${length}`).toContain("it is cut short");
  expect(await refusal(file.subarray(0, -1))).toContain("it is cut short");
  expect(await refusal(Uint8Array.from([...file, 0]))).toContain("something was added to it");
});

test("a file with any one bit turned over is refused", async () => {
  const file = await encodeCheckpoint(programCheckpoint());
  for (let index = 0; index < file.length; index++) {
    const damaged = file.slice();
    damaged[index]! ^= 1 << ((index * 5) % 8);
    expect(await refusal(damaged), `byte ${index}`).not.toBe("accepted");
  }
});

test("fields and tensors are held against their sums, also where both are well formed", async () => {
  const { header, data } = takenApart(await encodeCheckpoint(smallCheckpoint()));
  expect(await refusal(putTogether(header, data))).toBe("accepted");
  const changed = data.slice();
  changed[3]! ^= 1;
  expect(await refusal(putTogether(header, changed))).toMatch(
    /the SHA-256 of its tensors is "[0-9a-f]{64}", and "[0-9a-f]{64}" is written in it\. It is damaged/,
  );
  const with_ = (metadata: object) =>
    putTogether({ ...header, __metadata__: { ...header.__metadata__, ...metadata } }, data);
  const fields = header.__metadata__.fields.replace('"step":37', '"step":38');
  expect(await refusal(with_({ fields }))).toMatch(/the SHA-256 of its fields is/);
  expect(await refusal(with_({ "fields.sha256": undefined }))).toMatch(/and none is written in it/);
  expect(await refusal(with_({ "hone.checkpoint": undefined }))).toMatch(
    /it is a safetensors file, but no checkpoint/,
  );
  expect(await refusal(with_({ "hone.checkpoint": "2" }))).toMatch(
    /the file has format "2", and this release reads 1\. Use the release that wrote it/,
  );
  const renamed = { ...header, other: header["parameter:1"] };
  delete renamed["parameter:1"];
  expect(await refusal(putTogether(renamed, data))).toMatch(
    /its tensors are not those that its fields list/,
  );
});

test("fields that no checkpoint has are refused by name, with sums that are right", async () => {
  const checkpoint = smallCheckpoint();
  const { header, data } = takenApart(await encodeCheckpoint(checkpoint));
  const { sha256 } = await import("../sha256.js");
  const refit = async (from: string, to: string) => {
    const fields = header.__metadata__.fields.replace(from, to);
    expect(fields).not.toBe(header.__metadata__.fields);
    const sum = await sha256(new TextEncoder().encode(fields));
    const __metadata__ = { ...header.__metadata__, fields, "fields.sha256": sum };
    return refusal(putTogether({ ...header, __metadata__ }, data));
  };
  expect(await refit('"step":37', '"step":-37')).toMatch(/its field "step" is not what it should/);
  expect(await refit('"format":1', '"format":7')).toMatch(/has format 7, and this release reads 1/);
  expect(await refit('"seed":', '"more":1,"seed":')).toMatch(/its field "more"/);
  expect(await refit('"seed":', '"__proto__":{"a":1},"seed":')).toMatch(/the key "__proto__"/);
  expect(await refit('{"$":"NaN"}', '{"$":"NaM"}')).toMatch(/holds the mark "\\"NaM\\""/);
  expect(await refit('{"$":"NaN"}', '{"$":["Blob",1]}')).toMatch(/holds the mark/);
  expect(await refit('{"$":"NaN"}', '{"$new":1}')).toMatch(/holds the mark "\$new"/);
  expect(await refit('"kind":"session"', '"kind":"other"')).toMatch(/it is none/);
});

test("what no file can hold is refused by the field's name, before there is a file", async () => {
  const checkpoint = smallCheckpoint();
  const withOption = (option: unknown) =>
    encodeCheckpoint({
      ...checkpoint,
      training: { ...checkpoint.training!, options: { deep: [{ option }] } },
    });
  await expect(withOption(() => 1)).rejects.toMatchObject({
    kind: "BadArgument",
    message:
      '[hone] checkpoint: its field "training.options.deep.0.option" is function (anonymous), which no file can hold. Give plain data there.',
  });
  await expect(withOption(new Map())).rejects.toThrow(/is an object \(Map\), which no file/);
  await expect(withOption(10n)).rejects.toThrow(/option" is 10, which no file can hold/);
  await expect(withOption(new (class Own {})())).rejects.toThrow(/which no file can hold/);
  await expect(encodeCheckpoint({} as never)).rejects.toThrow("[hone] checkpoint: it is none.");
  await expect(encodeCheckpoint(undefined as never)).rejects.toMatchObject({ kind: "BadArgument" });
  const tensors = { __metadata__: checkpoint.tensors.sums! };
  await expect(encodeCheckpoint({ ...checkpoint, tensors })).rejects.toThrow(
    /one is "__metadata__"/,
  );
});

test("a page without crypto.subtle writes the same file", async () => {
  const file = await encodeCheckpoint(smallCheckpoint());
  vi.stubGlobal("crypto", { getRandomValues: () => undefined });
  try {
    expect(await encodeCheckpoint(smallCheckpoint())).toEqual(file);
    expect(await decode(file)).toEqual(smallCheckpoint());
  } finally {
    vi.unstubAllGlobals();
  }
});
