/**
 * PNG to gray values. Why no library does it: those for JavaScript unpack whatever a file holds, round
 * 16 bits to 8 or read interlaced lines of few bits wrong; checking a file before them, down to the
 * chunk, leaves them the arithmetic below, over the zlib of Node.
 */
import { inflateSync } from "node:zlib";
import { HoneError } from "@hone/core";
import { type PngChunks, readChunks } from "./chunks.js";
import { damaged } from "./damaged.js";
import { grayReader } from "./gray.js";
import { channelsOf, lineBytes, type PngHeader, passesOf, unpackedBytes } from "./header.js";

export interface GrayImage {
  readonly width: number;
  readonly height: number;
  /** Row by row, 0 (black) to 1 (white). */
  readonly pixels: Float32Array;
}

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] as const;

/**
 * The image in a PNG file; what is transparent shows white paper. Memory: what the header says, at most
 * 32 MiB unpacked and 32 MiB of pixels, once the file's own bytes were gathered.
 * @throws BadData: no PNG, damaged, or over the limits of `header.ts`.
 */
export function decodePng(bytes: Uint8Array, where: string): GrayImage {
  if (signature.some((byte, index) => bytes[index] !== byte)) {
    throw new HoneError("BadData", where, "it is not a PNG image. Convert it to PNG.");
  }
  const chunks = readChunks(bytes, where);
  const { header } = chunks;
  const { width, height } = header;
  const lines = unpack(chunks, where);
  const grayOf = grayReader(chunks, where);
  const pixels = new Float32Array(width * height);
  let at = 0;
  for (const pass of passesOf(header)) {
    const length = lineBytes(header, pass.width);
    let above = new Uint8Array(length);
    for (let row = 0; row < pass.height; row++) {
      const line = lines.subarray(at + 1, at + 1 + length);
      unfilter(lines[at]!, line, above, header, where);
      let target = (pass.y + row * pass.everyY) * width + pass.x;
      for (let x = 0; x < pass.width; x++, target += pass.everyX) pixels[target] = grayOf(line, x);
      above = line;
      at += 1 + length;
    }
  }
  return { width, height, pixels };
}

/** The lines with their filters: exactly as many bytes as the header asks for. */
function unpack({ header, packed }: PngChunks, where: string): Uint8Array<ArrayBuffer> {
  const expected = unpackedBytes(header);
  const joined = packed.length === 1 ? packed[0]! : Buffer.concat(packed);
  try {
    const { buffer, engine } = inflateSync(joined, {
      maxOutputLength: expected,
      // Room for one byte more: the stream's end then shows without another allocation.
      chunkSize: expected + 64,
      info: true,
    }) as unknown as { buffer: Uint8Array<ArrayBuffer>; engine: { bytesWritten: number } };
    if (buffer.length !== expected || engine.bytesWritten !== joined.length) {
      const left = joined.length - engine.bytesWritten;
      const what = `its image data unpacks to ${buffer.length} bytes with ${left} left over`;
      throw damaged(where, `${what}, and its header asks for ${expected}`);
    }
    return buffer;
  } catch (cause) {
    if (cause instanceof HoneError) throw cause;
    if ((cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") {
      throw damaged(where, `its image data unpacks to more than the header's ${expected} bytes`);
    }
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw damaged(where, `its image data cannot be unpacked (${reason})`, cause);
  }
}

/** Undoes the filter of a line in place (PNG, section 9): bytes are differences to those before and above. */
function unfilter(
  filter: number,
  line: Uint8Array,
  above: Uint8Array,
  header: PngHeader,
  where: string,
): void {
  const step = Math.max(1, (channelsOf(header) * header.depth) / 8);
  switch (filter) {
    case 0:
      return;
    case 1:
      for (let i = step; i < line.length; i++) line[i]! += line[i - step]!;
      return;
    case 2:
      for (let i = 0; i < line.length; i++) line[i]! += above[i]!;
      return;
    case 3:
      for (let i = 0; i < line.length; i++) {
        line[i]! += ((i < step ? 0 : line[i - step]!) + above[i]!) >> 1;
      }
      return;
    case 4:
      for (let i = 0; i < line.length; i++) {
        line[i]! += i < step ? above[i]! : paeth(line[i - step]!, above[i]!, above[i - step]!);
      }
      return;
    default:
      throw damaged(where, `a line has the filter ${filter}, and 0 to 4 are defined`);
  }
}

/** Of left, up and their corner the nearest to left + up - corner; ties in this order. */
function paeth(left: number, up: number, corner: number): number {
  const fromLeft = Math.abs(up - corner);
  const fromUp = Math.abs(left - corner);
  const fromCorner = Math.abs(left + up - 2 * corner);
  if (fromLeft <= fromUp && fromLeft <= fromCorner) return left;
  return fromUp <= fromCorner ? up : corner;
}
