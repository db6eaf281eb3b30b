/**
 * Several builds of one source as one text: the first whole, each other as what differs from it, all deflated.
 *
 * Two builds of all kernels differ in a few hundred places. As differences the second costs 3 KB where the first
 * costs 30, which no window of deflate's would find out: they lie 110 KB apart. Deflated text survives a server's gzip
 * at almost its own size. The reader is packages/wasm/src/packed-kernels.ts.
 */
import { deflateSync } from "node:zlib";

/** Bytes that must agree before a place counts as found again; where the last copy would have gone on, fewer. */
const SEED = 16;
const RESUMED = 4;

/**
 * base64 of deflate (zlib) of: the first build's length and bytes; for each other one its length and pieces, each of
 * which says how many bytes to step on in the first build, how many to copy from there, how many new ones follow, and
 * those. Numbers are LEB128; steps, which may go back, have their sign in the lowest bit.
 */
export function packWasm([base, ...others]) {
  const bytes = [...number(base.length), ...base];
  for (const other of others) {
    bytes.push(...number(other.length));
    for (const { step, copied, fresh } of differences(base, other)) {
      const distance = step < 0 ? -step * 2 + 1 : step * 2;
      bytes.push(...number(distance), ...number(copied), ...number(fresh.length), ...fresh);
    }
  }
  return deflateSync(Buffer.from(bytes), { level: 9 }).toString("base64");
}

function number(value) {
  return value < 128 ? [value] : [(value % 128) + 128, ...number(Math.floor(value / 128))];
}

/** `other` as pieces of `base`, each with new bytes behind it. */
function differences(base, other) {
  const places = new Map();
  for (let at = base.length - SEED; at >= 0; at--) {
    places.set(base.toString("latin1", at, at + SEED), at);
  }
  const pieces = [{ step: 0, copied: 0, fresh: [] }];
  /** Where in `base` the last copy ended; what is new since then is taken to replace as many bytes there. */
  let end = 0;
  for (let at = 0; at < other.length; ) {
    const { fresh } = pieces.at(-1);
    const on = end + fresh.length;
    const resumed = agreeing(base, other, on, at);
    const from = places.get(other.toString("latin1", at, at + SEED));
    const found = from === undefined ? 0 : agreeing(base, other, from, at);
    if (resumed < RESUMED && found < SEED) {
      fresh.push(other[at++]);
      continue;
    }
    const start = resumed >= RESUMED && resumed >= found - SEED ? on : from;
    const copied = start === on ? resumed : found;
    pieces.push({ step: start - end, copied, fresh: [] });
    end = start + copied;
    at += copied;
  }
  return pieces;
}

/** How many bytes from those two places on are the same. */
function agreeing(base, other, from, at) {
  let length = 0;
  while (from + length < base.length && at + length < other.length) {
    if (base[from + length] !== other[at + length]) break;
    length++;
  }
  return length;
}
