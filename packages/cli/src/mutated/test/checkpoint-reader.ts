/** The readers of checkpoints and of saved models: a file is read, and a session goes on from what it holds. */
import { createHash } from "node:crypto";
import { compile, openModel } from "@hone/core";
import { decodeCheckpoint, encodeCheckpoint } from "@hone/core/io";
import { cpu } from "@hone/cpu";
import { layers, sequential } from "@tensorflow/tfjs-layers";
import { bytesMutation, jsonMutation, type Mutation } from "./mutate.js";
import type { Reader } from "./try-input.js";

const model = () =>
  sequential({
    layers: [
      layers.dense({ units: 3, inputShape: [2], activation: "relu", name: "first" }),
      layers.dense({ units: 1, name: "last" }),
    ],
  });
const settings = { loss: "meanSquaredError", optimizer: "adam" } as const;
const sum = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** A change behind checksums that are made right again: of what the fields say, or of the tensors. */
const behindChecksums: Mutation = (bytes, dice) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = 8 + Number(view.getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, start)));
  const metadata = header.__metadata__ as Record<string, string>;
  const data = bytes.slice(start);
  const field = (end: string) => Object.keys(metadata).find((key) => key.endsWith(end)) as string;
  const text = new TextEncoder().encode(metadata[field("fields")]);
  if (dice.below(3) === 0) {
    const at = dice.below(data.length);
    data[at] = dice.below(256);
    metadata[field("tensors.sha256")] = sum(data);
  } else {
    const changed = jsonMutation(text, dice);
    metadata[field("fields")] = new TextDecoder().decode(changed);
    metadata[field("fields.sha256")] = sum(changed);
  }
  const json = Buffer.from(JSON.stringify(header));
  const padded = Buffer.concat([json, Buffer.alloc((8 - (json.length % 8)) % 8, " ")]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return new Uint8Array(Buffer.concat([length, padded, data]));
};

export async function checkpointReader(): Promise<Reader> {
  const device = await cpu({ worker: false }).open();
  const session = await compile(model(), { device, ...settings });
  const x = Float32Array.from({ length: 16 }, (_, index) => index / 16);
  await session.trainOnBatch({ data: x, shape: [8, 2] }, [0, 1, 0, 1, 0, 1, 0, 1]);
  const sample = await encodeCheckpoint(await session.checkpoint());
  session.close();
  return {
    name: "checkpoint",
    samples: [sample],
    mutations: [bytesMutation, behindChecksums],
    async read(bytes) {
      const checkpoint = await decodeCheckpoint(new Uint8Array(bytes), { where: "x.hone" });
      const resumed = await compile(model(), { device, ...settings, resume: checkpoint });
      try {
        return await encodeCheckpoint(await resumed.checkpoint());
      } finally {
        resumed.close();
      }
    },
    refuses: ["BadModelFile", "BadArgument", "BadData", "ShapeMismatch", "UnsupportedModel"],
    budgetBytes: 64 * 2 ** 20,
    share: 0.5,
  };
}

export async function savedModelReader(): Promise<Reader> {
  const device = await cpu({ worker: false }).open();
  const session = await compile(model(), { device, ...settings });
  const x = Float32Array.from({ length: 16 }, (_, index) => index / 16);
  const labels = [0, 1, 0, 1, 0, 1, 0, 1];
  await session.trainOnBatch({ data: x, shape: [8, 2] }, labels);
  const sample = await session.save();
  session.close();
  return {
    name: "saved model",
    samples: [sample],
    mutations: [bytesMutation, behindChecksums],
    async read(bytes) {
      const opened = await compile(await openModel(new Uint8Array(bytes)), { device });
      try {
        await opened.predict({ data: x, shape: [8, 2] });
        await opened.trainOnBatch({ data: x, shape: [8, 2] }, labels);
        return await opened.save();
      } finally {
        opened.close();
      }
    },
    refuses: ["BadModelFile", "BadArgument", "BadData", "ShapeMismatch", "UnsupportedModel"],
    budgetBytes: 64 * 2 ** 20,
    share: 0.5,
  };
}
