/**
 * The chunks of a PNG, each checked for its place, its length and its checksum.
 *
 * Only what the pixels need is kept. Profiles and texts (iCCP, zTXt, iTXt) are packed as well, and a
 * small file may hold gigabytes of them: they are passed over, never unpacked.
 */
import { crc32 } from "node:zlib";
import { damaged } from "./damaged.js";
import { type PngHeader, readHeader } from "./header.js";

export interface PngChunks {
  readonly header: PngHeader;
  /** Red, green and blue of each entry; there where the colour type asks for it. */
  readonly palette?: Uint8Array;
  /** Of an image with a palette: alpha of its first entries. Of another: the one colour that is not seen. */
  readonly transparency?: Uint8Array;
  /** Parts of one zlib stream. */
  readonly packed: readonly Uint8Array[];
}

interface Chunk {
  readonly name: string;
  readonly content: Uint8Array;
}

const signatureBytes = 8;
/** Length and name before a chunk's content, its checksum after it. */
const overheadBytes = 12;

/** @throws BadData naming the chunk that is wrong. */
export function readChunks(bytes: Uint8Array, where: string): PngChunks {
  const chunks = chunksOf(bytes, where);
  const first = chunks.next().value;
  if (first?.name !== "IHDR" || first.content.length !== 13) {
    throw damaged(where, "it does not begin with a header of 13 bytes");
  }
  const header = readHeader(viewOf(first.content), where);
  let palette: Uint8Array | undefined;
  let transparency: Uint8Array | undefined;
  const packed: Uint8Array[] = [];
  let before = "IHDR";
  for (const { name, content } of chunks) {
    const early = packed.length === 0;
    if (name === "IEND") {
      if (content.length > 0) throw damaged(where, `its IEND chunk holds ${content.length} bytes`);
      if (early) throw damaged(where, "it has no image data");
      return {
        header,
        packed,
        ...(palette && { palette }),
        ...(transparency && { transparency }),
      };
    }
    if (name === "IDAT") {
      if (!early && before !== "IDAT") throw damaged(where, `IDAT follows ${before}`);
      if (header.colourType === 3 && palette === undefined) {
        throw damaged(where, "its image data comes before its palette");
      }
      packed.push(content);
    } else if (name === "PLTE") {
      if (palette !== undefined || transparency !== undefined || !early) {
        throw damaged(where, `PLTE follows ${palette === undefined ? before : "PLTE"}`);
      }
      palette = checkPalette(content, header, where);
    } else if (name === "tRNS") {
      if (transparency !== undefined || !early) throw damaged(where, `tRNS follows ${before}`);
      transparency = checkTransparency(content, header, palette, where);
    } else if (name === "IHDR" || isCritical(name)) {
      // Whoever does not know a critical chunk cannot show the image right.
      throw damaged(where, `it has a chunk ${name} after ${before}`);
    }
    before = name;
  }
  throw damaged(where, "it ends without an IEND chunk");
}

function* chunksOf(bytes: Uint8Array, where: string): Generator<Chunk, undefined, undefined> {
  const view = viewOf(bytes);
  let at = signatureBytes;
  while (at < bytes.length) {
    if (bytes.length - at < overheadBytes) throw damaged(where, "it ends inside of a chunk");
    const length = view.getUint32(at);
    const name = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (!/^[A-Za-z]{4}$/.test(name)) throw damaged(where, `at byte ${at} there is no chunk`);
    if (length > bytes.length - at - overheadBytes) {
      const left = bytes.length - at - overheadBytes;
      throw damaged(where, `chunk ${name} claims ${length} bytes, and ${Math.max(0, left)} follow`);
    }
    const end = at + 8 + length;
    if (crc32(bytes.subarray(at + 4, end)) !== view.getUint32(end)) {
      throw damaged(where, `the checksum of chunk ${name} does not match`);
    }
    yield { name, content: bytes.subarray(at + 8, end) };
    at = end + 4;
  }
  return undefined;
}

function checkPalette(content: Uint8Array, header: PngHeader, where: string): Uint8Array {
  const entries = content.length / 3;
  const most = header.colourType === 3 ? 2 ** header.depth : 256;
  const gray = header.colourType === 0 || header.colourType === 4;
  if (gray || !Number.isInteger(entries) || entries === 0 || entries > most) {
    const room = gray ? "a gray image has none" : `1 to ${most} entries of 3 are possible`;
    throw damaged(where, `its palette holds ${content.length} bytes, and ${room}`);
  }
  return content;
}

function checkTransparency(
  content: Uint8Array,
  { colourType, depth }: PngHeader,
  palette: Uint8Array | undefined,
  where: string,
): Uint8Array {
  const entries = (palette?.length ?? 0) / 3;
  const fits =
    colourType === 3
      ? content.length > 0 && content.length <= entries
      : content.length === { 0: 2, 2: 6, 4: -1, 6: -1 }[colourType];
  const view = viewOf(content);
  const samples = colourType === 3 || !fits ? 0 : content.length / 2;
  const inRange = Array.from({ length: samples }, (_, index) => view.getUint16(2 * index)).every(
    (sample) => sample < 2 ** depth,
  );
  if (fits && inRange) return content;
  throw damaged(where, `its tRNS chunk of ${content.length} bytes does not fit its colour type`);
}

/** An upper-case first letter: needed to show the image. */
function isCritical(name: string): boolean {
  return name[0]! <= "Z";
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
