/** Readers of images and data sets. */
import { mkdtemp, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { deflateSync, gunzipSync, gzipSync, inflateSync } from "node:zlib";
import type { PlainDataset } from "@hone/core";
import { type DatasetPair, idxFolder } from "@hone/data";
import { lightOnBlack, resize } from "../../image.js";
import { decodePng, type GrayImage } from "../../png/decode.js";
import { type Chunk, chunksOfPicture, joinPng, kinds } from "../../png/test/build-png.js";
import { grayByPngjs } from "../../png/test/other-reader.js";
import { bytesMutation, inside, type Mutation } from "./mutate.js";
import type { Reader } from "./try-input.js";

const pngs = kinds.flatMap(([colourType, depth]) =>
  [false, true].map((interlaced) =>
    joinPng(
      chunksOfPicture({
        header: { width: 7, height: 6, depth, colourType, interlaced },
        sample: (x, y, channel) => (x * 31 + y * 17 + channel * 7) % 2 ** depth,
        ...(colourType === 3 && { palette: new Uint8Array(3 * 2 ** depth).fill(99) }),
        ...(colourType === 0 && { transparency: Uint8Array.of(0, 1) }),
      }),
    ),
  ),
);

/** The chunks of a file, as far as it has any. */
function chunksOf(bytes: Uint8Array): Chunk[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: Chunk[] = [];
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = view.getUint32(at);
    const name = Buffer.from(bytes.subarray(at + 4, at + 8)).toString("latin1");
    chunks.push([name, bytes.subarray(at + 8, at + 8 + length)]);
    at += 12 + length;
  }
  return chunks;
}

/** Checksums stay right: the change reaches what stands behind them. */
const insideChunks: Mutation = (bytes, dice) => {
  const chunks = chunksOf(bytes);
  const at = dice.below(chunks.length);
  const [name, content] = chunks[at] as Chunk;
  switch (dice.below(4)) {
    case 0:
      chunks.splice(at, 1);
      break;
    case 1:
      chunks.splice(dice.below(chunks.length), 0, [name, content]);
      break;
    default:
      chunks[at] = [name, content.length === 0 ? content : bytesMutation(content, dice)];
  }
  return joinPng(chunks);
};

const insideImageData: Mutation = (bytes, dice) =>
  joinPng(
    chunksOf(bytes).map(([name, content]) =>
      name === "IDAT"
        ? [name, deflateSync(bytesMutation(new Uint8Array(inflateSync(content)), dice))]
        : [name, content],
    ),
  );

export const pngReader: Reader<GrayImage> = {
  name: "PNG",
  samples: pngs,
  mutations: [bytesMutation, insideChunks, insideImageData],
  read(bytes) {
    const image = decodePng(bytes, "some.png");
    resize(lightOnBlack(image).image, 4, 4);
    return image;
  },
  refuses: ["BadData"],
  budgetBytes: 96 * 2 ** 20,
  objection(bytes, image) {
    let other: Float32Array;
    try {
      // What follows the end is nobody's business, but pngjs stumbles over it.
      const end = Buffer.from(bytes).indexOf("IEND", 0, "latin1") + 8;
      other = grayByPngjs(bytes.subarray(0, end));
    } catch (error) {
      return `pngjs refuses it: ${(error as Error).message}`;
    }
    const same =
      other.length === image.pixels.length &&
      image.pixels.every((value, index) => Math.abs(value - other[index]!) < 1e-6);
    return same ? undefined : "pngjs sees another image";
  },
};

function idx(shape: readonly number[], elements: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * shape.length + elements.length);
  bytes.set([0, 0, 8, shape.length]);
  for (const [axis, size] of shape.entries()) {
    new DataView(bytes.buffer).setUint32(4 + 4 * axis, size);
  }
  bytes.set(Uint8Array.from(elements), 4 + 4 * shape.length);
  return bytes;
}

const pictures = idx(
  [6, 3, 4],
  Uint8Array.from({ length: 72 }, (_, index) => index * 3),
);
const labels = idx([6], [0, 1, 2, 0, 1, 2]);

/** A folder of four files, of which the input takes the place of one. */
async function idxReader(
  stem: string,
  sample: Uint8Array,
  gzip: boolean,
): Promise<Reader<DatasetPair>> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "hone-mutated-idx-"));
  const files = {
    "train-images-idx3-ubyte": pictures,
    "train-labels-idx1-ubyte": labels,
    "t10k-images-idx3-ubyte": pictures,
    "t10k-labels-idx1-ubyte": labels,
  };
  for (const [name, bytes] of Object.entries(files)) {
    if (!name.startsWith(stem)) await writeFile(path.join(folder, name), bytes);
  }
  const [name = stem] = Object.keys(files).filter((each) => each.startsWith(stem));
  const given = path.join(folder, name);
  return {
    name: `IDX ${stem}${gzip ? " in gzip" : ""}`,
    samples: [gzip ? gzipped(sample) : sample],
    mutations: gzip ? [bytesMutation, inside(bytesMutation, gunzipped, gzipped)] : [bytesMutation],
    async read(bytes) {
      await writeFile(given, bytes);
      return idxFolder(folder);
    },
    refuses: ["BadData"],
    budgetBytes: 256 * 2 ** 20,
    objection(bytes, { train, test }) {
      const part = stem.startsWith("train") ? train : test;
      return idxObjection(bytes, part, stem.includes("images") ? "x" : "y");
    },
  };
}

/** Copies: of a Buffer, `slice` would share its memory. */
const gzipped = (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes));
const gunzipped = (bytes: Uint8Array) => new Uint8Array(gunzipSync(bytes));

/** By the format's own words, over another way of unpacking. */
function idxObjection(
  bytes: Uint8Array,
  part: PlainDataset,
  column: "x" | "y",
): string | undefined {
  let plain = bytes;
  try {
    if (bytes[0] === 0x1f) plain = gunzipSync(bytes, { maxOutputLength: 2 ** 28 });
  } catch (error) {
    return `zlib refuses it: ${(error as Error).message}`;
  }
  const view = new DataView(plain.buffer, plain.byteOffset, plain.byteLength);
  const rank = view.getUint8(3);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const elements = plain.subarray(4 + 4 * rank);
  const counted = shape.reduce((product, size) => product * size, 1);
  const { data, shape: rowShape } = part.columns[column];
  const agrees =
    view.getUint32(0) >>> 8 === 8 &&
    counted === elements.length &&
    shape.join() === [part.rows, ...rowShape].join() &&
    Buffer.compare(Buffer.from(data as Uint8Array), elements) === 0;
  return agrees ? undefined : `its own header says [${shape}] and ${elements.length} elements`;
}

export async function idxReaders(): Promise<readonly Reader[]> {
  const readers = [
    await idxReader("train-images", pictures, false),
    await idxReader("train-images", pictures, true),
    await idxReader("t10k-labels", labels, false),
    await idxReader("train-labels", labels, true),
  ];
  return readers as readonly Reader[];
}

/** Small files that ask for much: each must be refused, by the reader of its name. */
export function imageBombs(): readonly { readonly reader: Reader; readonly bytes: Uint8Array }[] {
  const zeros = deflateSync(Buffer.alloc(2 ** 26));
  const wide = { width: 8192, height: 8192, depth: 1, colourType: 0, interlaced: false } as const;
  const [header] = chunksOfPicture({ header: { ...wide, width: 8, height: 8 }, sample: () => 0 });
  const large = new Uint8Array(header?.[1] ?? []);
  new DataView(large.buffer).setUint32(0, wide.width);
  new DataView(large.buffer).setUint32(4, wide.height);
  const end: Chunk = ["IEND", new Uint8Array(0)];
  const small = header as Chunk;
  const profile = Buffer.concat([Buffer.from("p\0\0"), zeros]);
  const pngFiles = [
    [["IHDR", large], ["IDAT", zeros], end],
    [small, ["IDAT", zeros], end],
    [small, ["iCCP", profile], ["IHDR", large], ["IDAT", zeros], end],
    [small, ["zTXt", profile], ["iTXt", profile], ["iCCP", profile], end],
  ] as const;
  return pngFiles.map((chunks) => ({
    reader: pngReader as Reader,
    bytes: joinPng(chunks as unknown as readonly Chunk[]),
  }));
}
