import { deflateSync } from "node:zlib";
import { expect, test } from "vitest";
import { decodePng } from "./decode.js";
import { mostPixels, mostUnpackedBytes, type PngHeader } from "./header.js";
import { type Chunk, chunksOfPicture, headerChunk, joinPng, kinds } from "./test/build-png.js";
import { grayByPngjs } from "./test/other-reader.js";

const header = (part: Partial<PngHeader>): PngHeader => ({
  width: 5,
  height: 4,
  depth: 8,
  colourType: 0,
  interlaced: false,
  ...part,
});

/** A sample that differs from its neighbours, below `limit`. */
const mixed = (limit: number) => (x: number, y: number, channel: number) =>
  (x * 7919 + y * 104729 + channel * 1299709 + x * y * 31) % limit;

const plain = chunksOfPicture({ header: header({}), sample: mixed(256) });
const content = (name: string): Uint8Array => plain.find(([each]) => each === name)![1];
const withChunks = (...chunks: Chunk[]) => joinPng(chunks);
const [ihdr, idat, iend] = plain as [Chunk, Chunk, Chunk];

test.each(kinds)(
  "colour type %i of %i bits is read at every small size, interlaced or not",
  (colourType, depth) => {
    const entries = 2 ** Math.min(depth, 8);
    for (const interlaced of [false, true]) {
      for (const transparent of [false, true]) {
        if (transparent && colourType >= 4) continue;
        for (let size = 1; size <= 81; size++) {
          const [width, height] = [1 + (size % 9), 1 + Math.floor((size - 1) / 9)];
          const sample = mixed(2 ** depth);
          // The colour that is not seen is one that the image has.
          const seen = [0, 1, 2].map((channel) => sample(width - 1, height - 1, channel));
          const samples = colourType === 2 ? seen : seen.slice(0, 1);
          const bytes = joinPng(
            chunksOfPicture({
              header: header({ width, height, depth, colourType, interlaced }),
              sample,
              ...(colourType === 3 && {
                palette: Uint8Array.from({ length: 3 * entries }, (_, at) => at * 37),
              }),
              ...(transparent && {
                transparency:
                  colourType === 3
                    ? Uint8Array.from({ length: entries - 1 }, (_, at) => at * 53)
                    : Uint8Array.from(samples.flatMap((value) => [value >> 8, value & 255])),
              }),
            }),
          );
          const { pixels } = decodePng(bytes, "made");
          const other = grayByPngjs(bytes);
          expect([...pixels], `${width}x${height}`).toEqual(
            [...other].map((value) => expect.closeTo(value, 6)),
          );
        }
      }
    }
  },
);

test("a truecolour image may bring a palette to show it by on small screens; it changes nothing", () => {
  const picture = { header: header({ colourType: 2 as const }), sample: mixed(256) };
  const suggested = { ...picture, palette: Uint8Array.of(1, 2, 3, 4, 5, 6) };
  const read = (given: typeof picture) => decodePng(joinPng(chunksOfPicture(given)), "a").pixels;
  expect(read(suggested)).toEqual(read(picture));
});

test("each rule that a damaged file breaks is named", () => {
  const palette: Chunk = ["PLTE", Uint8Array.of(1, 2, 3, 4, 5, 6)];
  const hidden: Chunk = ["tRNS", Uint8Array.of(0, 1)];
  const text: Chunk = ["tEXt", Buffer.from("Title\0x")];
  const indexed = headerChunk(header({ colourType: 3, depth: 1, width: 1, height: 1 }));
  const two = headerChunk(header({ colourType: 3, depth: 2, width: 1, height: 1 }));
  const data = (...bytes: number[]): Chunk => ["IDAT", deflateSync(Uint8Array.from(bytes))];
  const altered = (at: number, value: number): Chunk => {
    const changed = Uint8Array.from(ihdr[1]);
    changed[at] = value;
    return ["IHDR", changed];
  };
  const whole = withChunks(...plain);
  const flipped = whole.slice();
  flipped[20]! ^= 1;
  const cases: readonly (readonly [Uint8Array, RegExp])[] = [
    [flipped, /checksum of chunk IHDR/],
    [whole.subarray(0, 30), /chunk IHDR claims 13 bytes, and 10 follow/],
    [whole.subarray(0, 39), /ends inside of a chunk/],
    [whole.subarray(0, -12), /without an IEND/],
    [whole.subarray(0, 8), /does not begin with a header/],
    [withChunks(idat, ihdr, iend), /does not begin with a header/],
    [withChunks(ihdr, ihdr, idat, iend), /a chunk IHDR after IHDR/],
    [withChunks(ihdr, idat, ihdr, iend), /a chunk IHDR after IDAT/],
    [withChunks(ihdr, iend), /no image data/],
    [withChunks(ihdr, idat, text, idat, iend), /IDAT follows tEXt/],
    [withChunks(ihdr, idat, ["IEND", Uint8Array.of(1)]), /IEND chunk holds 1 bytes/],
    [withChunks(ihdr, ["ABCD", Uint8Array.of(1)], idat, iend), /a chunk ABCD after IHDR/],
    [withChunks(ihdr, ["a1b2", Uint8Array.of(1)], idat, iend), /at byte 33 there is no chunk/],
    [withChunks(altered(8, 3), idat, iend), /colour type 0 with 3 bits/],
    [withChunks(altered(9, 5), idat, iend), /colour type 5 with 8 bits/],
    [withChunks(altered(12, 2), idat, iend), /interlace 2/],
    [withChunks(altered(3, 0), idat, iend), /0 by 4 pixels/],
    [withChunks(altered(3, 6), idat, iend), /unpacks to 24 bytes|unpacked \(/],
    [withChunks(altered(3, 4), idat, iend), /more than the header's 20 bytes/],
    [withChunks(ihdr, palette, idat, iend), /a gray image has none/],
    [withChunks(indexed, data(0, 0), palette, iend), /before its palette/],
    [withChunks(indexed, palette, palette, data(0, 0), iend), /PLTE follows PLTE/],
    [withChunks(indexed, ["PLTE", new Uint8Array(9)], data(0, 0), iend), /1 to 2 entries/],
    [withChunks(indexed, ["PLTE", new Uint8Array(4)], data(0, 0), iend), /holds 4 bytes/],
    [
      withChunks(indexed, palette, ["tRNS", new Uint8Array(3)], data(0, 0), iend),
      /tRNS chunk of 3/,
    ],
    [withChunks(two, palette, data(0, 0xc0), iend), /entry 3 of a palette of 2/],
    [withChunks(ihdr, idat, hidden, iend), /tRNS follows IDAT/],
    [withChunks(ihdr, hidden, hidden, idat, iend), /tRNS follows tRNS/],
    [withChunks(ihdr, ["tRNS", Uint8Array.of(1, 0)], idat, iend), /tRNS chunk of 2 bytes/],
    [withChunks(ihdr, ["IDAT", content("IDAT").subarray(0, -6)], iend), /cannot be unpacked/],
    [
      withChunks(ihdr, ["IDAT", Buffer.concat([content("IDAT"), Buffer.of(7)])], iend),
      /1 left over/,
    ],
    [withChunks(ihdr, ["IDAT", Buffer.from("no zlib")], iend), /cannot be unpacked/],
    [withChunks(indexed, palette, data(5, 0), iend), /the filter 5/],
  ];
  for (const [bytes, message] of cases) {
    let error: unknown;
    try {
      decodePng(bytes, "some.png");
    } catch (thrown) {
      error = thrown;
    }
    expect(error, `${message}`).toMatchObject({ kind: "BadData" });
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).toMatch(/^\[hone\] some\.png: it is damaged: [^\n]+\.$/);
  }
});

test("image data in any number of parts is one stream; other chunks and what follows the end are passed over", () => {
  const packed = content("IDAT");
  const parts = [...packed].map((byte): Chunk => ["IDAT", Uint8Array.of(byte)]);
  const bytes = withChunks(
    ihdr,
    ["tEXt", Buffer.from("Title\0x")],
    ["IDAT", new Uint8Array(0)],
    ...parts,
    ["tIME", new Uint8Array(7)],
    iend,
  );
  const followed = Buffer.concat([bytes, Buffer.from("anything")]);
  expect(decodePng(followed, "a")).toEqual(decodePng(withChunks(...plain), "a"));
});

test("what the header asks for is refused over the limits, before anything is unpacked", () => {
  const zeros = (part: Partial<PngHeader>) => withChunks(headerChunk(header(part)), idat, iend);
  expect(() => decodePng(zeros({ width: 2049, height: 4096, depth: 1 }), "a")).toThrow(
    `[hone] a: it is 2049 by 4096 pixels; read are up to ${mostPixels} in all. Make it smaller.`,
  );
  expect(() =>
    decodePng(zeros({ width: 2048, height: 4096, depth: 16, colourType: 6 }), "a"),
  ).toThrow(
    `[hone] a: it unpacks to ${4096 * (2048 * 8 + 1)} bytes; read are up to ${mostUnpackedBytes}. Make it smaller, or save it with 8 bits a sample.`,
  );
});

test("data that unpacks to far more than its header says, and packed profiles, take no memory", () => {
  const bomb = deflateSync(Buffer.alloc(300e6));
  const profile = Buffer.concat([Buffer.from("icc\0\0"), bomb]);
  const before = process.memoryUsage().rss;
  expect(() => decodePng(withChunks(ihdr, ["IDAT", bomb], iend), "a")).toThrow(
    /more than the header's 24/,
  );
  for (const name of ["iCCP", "zTXt", "iTXt"]) {
    const { pixels } = decodePng(withChunks(ihdr, [name, profile], idat, iend), "a");
    expect(pixels).toEqual(decodePng(withChunks(...plain), "a").pixels);
  }
  expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
});
