// Images mirrored and moved at random. The draws of an image are one block of Philox 4×32-10.
import { fillElements } from "./copy";
import { storeLanes } from "./lanes";
import { currentStep } from "./thread";

const ROUNDS = 10;

// @ts-ignore: decorator
@unmanaged
class AugmentImages {
  x: usize;
  /** int32 [1] */
  seed: usize;
  y: usize;
  height: i32;
  width: i32;
  channels: i32;
  shift: i32;
  flip: i32;
  ordinal: u32;
}

let drawn0: u32 = 0;
let drawn1: u32 = 0;
let drawn2: u32 = 0;

/** The block of counter (c0, c1, 0, 0), its last word left out. */
function draw(c0: u32, c1: u32, k0: u32, k1: u32): void {
  let x0 = c0;
  let x1 = c1;
  let x2: u32 = 0;
  let x3: u32 = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const p = <u64>x0 * 0xd2511f53;
    const q = <u64>x2 * 0xcd9e8d57;
    x0 = <u32>(q >> 32) ^ x1 ^ k0;
    x1 = <u32>q;
    x2 = <u32>(p >> 32) ^ x3 ^ k1;
    x3 = <u32>p;
    k0 += 0x9e3779b9;
    k1 += 0xbb67ae85;
  }
  drawn0 = x0;
  drawn1 = x1;
  drawn2 = x2;
}

/** From −shift to shift. */
// @ts-ignore: decorator
@inline
function move(word: u32, shift: i32): i32 {
  return <i32>((<u64>word * <u64>(2 * shift + 1)) >> 32) - shift;
}

/** An image is a unit. */
export function augmentImages(record: usize, begin: i32, end: i32): void {
  const r = changetype<AugmentImages>(record);
  const pixelBytes = (<usize>r.channels) << 2;
  const rowBytes = <usize>r.width * pixelBytes;
  const imageBytes = <usize>r.height * rowBytes;
  const seed = load<u32>(r.seed);
  for (let image = begin; image < end; image++) {
    draw(image, currentStep, seed, r.ordinal);
    const down = move(drawn0, r.shift);
    const right = move(drawn1, r.shift);
    const isMirrored = r.flip != 0 && drawn2 >> 31 != 0;
    const left = max(0, right);
    const columns = r.width - abs(right);
    // Where the row's first pixel to be copied lies, or, mirrored, the last.
    const first = isMirrored ? left : left - right;
    const x = r.x + <usize>image * imageBytes;
    let y = r.y + <usize>image * imageBytes;
    for (let i = 0; i < r.height; i++) {
      const source = i - down;
      if (source < 0 || source >= r.height) {
        fillElements(y, r.width * r.channels, 0);
      } else {
        const from = x + <usize>source * rowBytes + <usize>first * pixelBytes;
        const to = y + <usize>left * pixelBytes;
        if (right > 0) fillElements(y, right * r.channels, 0);
        if (!isMirrored) copyPixels(from, to, columns * r.channels);
        else if (r.channels == 1) mirrorPixels(from, to, columns);
        else mirrorColours(from, to, columns, r.channels);
        if (right < 0) fillElements(to + <usize>columns * pixelBytes, -right * r.channels, 0);
      }
      y += rowBytes;
    }
  }
}

function copyPixels(x: usize, y: usize, n: i32): void {
  for (; n >= 4; n -= 4) {
    v128.store(y, v128.load(x));
    x += 16;
    y += 16;
  }
  if (n > 0) storeLanes(y, v128.load(x), n);
}

/** y[j] = x[n − 1 − j] */
function mirrorPixels(x: usize, y: usize, n: i32): void {
  for (; n >= 4; n -= 4) {
    const v = v128.load(x + ((<usize>n) << 2) - 16);
    v128.store(y, v128.shuffle<i32>(v, v, 3, 2, 1, 0));
    y += 16;
  }
  for (; n > 0; n--) {
    store<u32>(y, load<u32>(x + ((<usize>n) << 2) - 4));
    y += 4;
  }
}

/** The same for pixels of several channels, whose order stays. */
function mirrorColours(x: usize, y: usize, n: i32, channels: i32): void {
  const bytes = (<usize>channels) << 2;
  for (x += <usize>n * bytes; n > 0; n--) {
    x -= bytes;
    copyPixels(x, y, channels);
    y += bytes;
  }
}
