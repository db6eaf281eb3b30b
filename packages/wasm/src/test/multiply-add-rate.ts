/** How fast one thread of this machine multiplies and adds: what speed floors are told in, since machines differ. */
import { features } from "../features.js";

/** Enough to keep every unit busy while each waits for its own last term, and few enough for the registers. */
const SUMS = 12;
const ROUNDS = 2_000_000;

const [LOCAL_GET, LOCAL_SET, F32_CONST] = [0x20, 0x21, 0x43];
const [SPLAT, MULTIPLY_ADD, FIRST_LANE] = [
  [0xfd, 0x13],
  [0xfd, 0x85, 0x02],
  [0xfd, 0x1f, 0x00],
];

/** Billions of operations a second on vectors of four floats (relaxed SIMD), a multiplication and an addition being two. */
export function multiplyAddRate(): number {
  // Where relaxed SIMD is behind a flag, asking for it sets that.
  features();
  const { run } = new WebAssembly.Instance(new WebAssembly.Module(program())).exports as {
    run: (rounds: number) => number;
  };
  run(ROUNDS / 10);
  let best = 0;
  for (let time = 0; time < 5; time++) {
    const beganMs = performance.now();
    run(ROUNDS);
    const seconds = (performance.now() - beganMs) / 1000;
    best = Math.max(best, (ROUNDS * SUMS * 4 * 2) / seconds / 1e9);
  }
  return best;
}

/** `run(rounds)`: each of the sums is multiplied by one number, and another added, so many times. */
function program(): Uint8Array<ArrayBuffer> {
  const [rounds, factor, term] = [0, SUMS + 1, SUMS + 2];
  const sums = Array.from({ length: SUMS }, (_, index) => index + 1);
  const code = [
    ...[1, SUMS + 2, 0x7b],
    ...[...sums, factor, term].flatMap((local) => [...number(0.5), ...SPLAT, LOCAL_SET, local]),
    ...[0x03, 0x40],
    ...sums.flatMap((sum) => [
      ...[LOCAL_GET, sum, LOCAL_GET, factor, LOCAL_GET, term],
      ...[...MULTIPLY_ADD, LOCAL_SET, sum],
    ]),
    ...[LOCAL_GET, rounds, 0x41, 1, 0x6b, 0x22, rounds, 0x0d, 0, 0x0b],
    ...number(0),
    ...sums.flatMap((sum) => [LOCAL_GET, sum, ...FIRST_LANE, 0x92]),
    0x0b,
  ];
  const section = (id: number, bytes: readonly number[]) => [id, ...size(bytes.length), ...bytes];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 1, 0x7f, 1, 0x7d]),
    ...section(3, [1, 0]),
    ...section(7, [1, 3, ...new TextEncoder().encode("run"), 0, 0]),
    ...section(10, [1, ...size(code.length), ...code]),
  ]);
}

const number = (value: number) => [F32_CONST, ...new Uint8Array(Float32Array.of(value).buffer)];

const size = (length: number) => [(length & 0x7f) | 0x80, length >> 7];
