/**
 * Sums as a network sees them: column by column from the right, as people add on paper. In each column it sees two digits
 * and writes one; that something is carried from column to column is what it must find out.
 */

/** Columns of a sum: of the longest number, and one that the carry may need. The model in scripts/site-view-models.mjs has as many. */
export const COLUMNS = 7;
export const MOST = 10 ** (COLUMNS - 1) - 1;
/** Numbers of a column: which of ten the first digit is, and which the second. */
export const WIDTH = 20;

export interface Sum {
  readonly a: number;
  readonly b: number;
}

/** The digit of a number in a column, counted from the right. */
export function digitOf(value: number, column: number): number {
  return Math.floor(value / 10 ** column) % 10;
}

/** What the network sees: a 1 for each digit, rows of [COLUMNS, WIDTH]. */
export function encoded(sums: readonly Sum[]): Uint8Array<ArrayBuffer> {
  const rows = new Uint8Array(sums.length * COLUMNS * WIDTH);
  for (const [row, { a, b }] of sums.entries()) {
    for (let column = 0; column < COLUMNS; column++) {
      const from = (row * COLUMNS + column) * WIDTH;
      rows[from + digitOf(a, column)] = 1;
      rows[from + 10 + digitOf(b, column)] = 1;
    }
  }
  return rows;
}

/** What it shall write: the digits of each sum from the right, rows of [COLUMNS]. */
export function answers(sums: readonly Sum[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: sums.length * COLUMNS }, (_, at) => {
    const { a, b } = sums[Math.floor(at / COLUMNS)] as Sum;
    return digitOf(a + b, at % COLUMNS);
  });
}

/** A digit that the network has written, and its probability. */
export interface Written {
  readonly digit: number;
  readonly share: number;
  readonly right: boolean;
}

/** What it has written for each sum, from the right. @param shares [sums, COLUMNS, 10] */
export function written(sums: readonly Sum[], shares: ArrayLike<number>): Written[][] {
  return sums.map(({ a, b }, row) =>
    Array.from({ length: COLUMNS }, (_, column) => {
      const from = (row * COLUMNS + column) * 10;
      let digit = 0;
      for (let one = 1; one < 10; one++) {
        if ((shares[from + one] as number) > (shares[from + digit] as number)) digit = one;
      }
      const share = shares[from + digit] as number;
      return { digit, share, right: digit === digitOf(a + b, column) };
    }),
  );
}

/** How many places of a sum are shown: those of the right answer, and of a wrong one that is longer. */
export function placesOf({ a, b }: Sum, digits: readonly Written[]): number {
  const own = digits.findLastIndex(({ digit }) => digit !== 0) + 1;
  return Math.max(`${a + b}`.length, own);
}

/** Draws sums that `taken` does not hold, numbers of each length equally often, and adds them to it. */
export function drawSums(
  count: number,
  taken: Set<string>,
  random: () => number = Math.random,
): Sum[] {
  const sums: Sum[] = [];
  const number = () => Math.floor(random() * 10 ** (1 + Math.floor(random() * (COLUMNS - 1))));
  while (sums.length < count) {
    const [a, b] = [number(), number()];
    if (taken.has(`${a}+${b}`)) continue;
    taken.add(`${a}+${b}`);
    sums.push({ a, b });
  }
  return sums;
}

/** The sum that was typed, or what is wrong with it. */
export function readSum(text: string): Sum | string {
  const [, first, second] = /^\s*(\d+)\s*\+\s*(\d+)\s*=?\s*$/.exec(text) ?? [];
  if (first === undefined || second === undefined)
    return "Write two whole numbers and a plus, as 27+58.";
  const [a, b] = [Number(first), Number(second)];
  if (a > MOST || b > MOST) return `Numbers go up to ${MOST.toLocaleString("en")}.`;
  return { a, b };
}
