// Gradients of a convolution behind a max pool, where only each cell's winner has one: a fourth of the
// positions, fewer behind a relu. Each is listed once, by channel, and then costs one run of vectors
// for every piece of the filter; all others cost nothing.
import { addFour, addOne, addTwelve } from "./pieces";

/** One winner: the address of its patch (or filter), and its gradient. */
export const ENTRY_BYTES: usize = 8;

/**
 * Appends an image's winners to each channel's list. Lists have room for one entry more.
 * @param dy, winners [cells, channels], from channel `first` to before `last`
 * @param image where patches lie @param ends by channel, where its list ends
 */
export function listWinners(
  dy: usize,
  winners: usize,
  cells: i32,
  channels: i32,
  first: i32,
  last: i32,
  image: usize,
  ends: usize,
): void {
  const step = (<usize>channels) << 2;
  const origin = i32x4.splat(<i32>image);
  const rowEnd = (<usize>last) << 2;
  for (let cell = 0; cell < cells; cell++) {
    let c = (<usize>first) << 2;
    for (; c + 16 <= rowEnd; c += 16) {
      const winner = v128.load(winners + c);
      const value = v128.load(dy + c);
      const counts = v128.andnot(
        f32x4.ne(value, f32x4.splat(0)),
        i32x4.shr_s(winner, 31),
      );
      const patch = i32x4.add(winner, origin);
      const low = v128.shuffle<i32>(patch, value, 0, 4, 1, 5);
      const high = v128.shuffle<i32>(patch, value, 2, 6, 3, 7);
      const bits = i32x4.bitmask(counts);
      // Written always and kept if it counts: a branch here would be guessed wrong too often.
      const end0 = load<usize>(ends + c);
      v128.store_lane<u64>(end0, low, 0);
      store<usize>(ends + c, end0 + ((bits & 1) << 3));
      const end1 = load<usize>(ends + c, 4);
      v128.store_lane<u64>(end1, low, 1);
      store<usize>(ends + c, end1 + ((bits & 2) << 2), 4);
      const end2 = load<usize>(ends + c, 8);
      v128.store_lane<u64>(end2, high, 0);
      store<usize>(ends + c, end2 + ((bits & 4) << 1), 8);
      const end3 = load<usize>(ends + c, 12);
      v128.store_lane<u64>(end3, high, 1);
      store<usize>(ends + c, end3 + (bits & 8), 12);
    }
    for (; c < rowEnd; c += 4) {
      const at = load<usize>(ends + c);
      const winner = load<i32>(winners + c);
      const value = load<f32>(dy + c);
      store<usize>(at, image + winner);
      store<f32>(at, value, 4);
      store<usize>(ends + c, at + ((<usize>(i32(winner >= 0) & i32(value != 0))) << 3));
    }
    dy += step;
    winners += step;
  }
}

/** Σ of a list's gradients. */
export function sumList(list: usize, end: usize): f32 {
  let sum: f32 = 0;
  while (list < end) {
    sum += load<f32>(list, 4);
    list += ENTRY_BYTES;
  }
  return sum;
}

/**
 * sums[count] += Σ over the list of value · patch[offset …]; whole vectors, so that up to three
 * elements more are summed, which mean nothing.
 */
export function addRuns(list: usize, end: usize, offset: usize, sums: usize, count: i32): void {
  let vectors = (count + 3) >> 2;
  while (vectors >= 12) {
    addTwelve(list, end, offset, sums);
    vectors -= 12;
    offset += 192;
    sums += 192;
  }
  while (vectors >= 4) {
    addFour(list, end, offset, sums);
    vectors -= 4;
    offset += 64;
    sums += 64;
  }
  while (vectors > 0) {
    addOne(list, end, offset, sums);
    vectors--;
    offset += 16;
    sums += 16;
  }
}

/** The same, and no element more. */
export function addExactly(list: usize, end: usize, offset: usize, sums: usize, count: i32): void {
  while (count >= 48) {
    addTwelve(list, end, offset, sums);
    count -= 48;
    offset += 192;
    sums += 192;
  }
  while (count >= 16) {
    addFour(list, end, offset, sums);
    count -= 16;
    offset += 64;
    sums += 64;
  }
  while (count >= 4) {
    addOne(list, end, offset, sums);
    count -= 4;
    offset += 16;
    sums += 16;
  }
  while (count > 0) {
    addElement(list, end, offset, sums);
    count--;
    offset += 4;
    sums += 4;
  }
}

function addElement(list: usize, end: usize, offset: usize, sums: usize): void {
  let sum = load<f32>(sums);
  while (list < end) {
    sum += load<f32>(list, 4) * load<f32>(load<usize>(list) + offset);
    list += ENTRY_BYTES;
  }
  store<f32>(sums, sum);
}
