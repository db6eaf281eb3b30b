/** Valid inputs, made wrong in ways that are found again by a seed. */

/** Whole numbers from a seed; the same sequence everywhere. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 to below `limit` (Mulberry32). */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }

  of<Value>(list: readonly Value[]): Value {
    return list[this.below(list.length)] as Value;
  }
}

export type Mutation = (bytes: Uint8Array, dice: Dice) => Uint8Array;

const telling = [0, 1, 0x7f, 0x80, 0xff, 0x20, 0x22, 0x7b];
const tellingWords = [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0xffff_fffe, 0x1_0000, 0x10];

const changes: readonly Mutation[] = [
  (bytes, dice) => altered(bytes, dice.below(bytes.length), (byte) => byte ^ (1 << dice.below(8))),
  (bytes, dice) => altered(bytes, dice.below(bytes.length), () => dice.of(telling)),
  (bytes, dice) => altered(bytes, dice.below(bytes.length), () => dice.below(256)),
  // The beginning, where headers are.
  (bytes, dice) => altered(bytes, dice.below(Math.min(40, bytes.length)), () => dice.of(telling)),
  (bytes, dice) => {
    const copy = bytes.slice();
    const at = dice.below(Math.max(1, Math.min(64, bytes.length) - 3));
    if (at + 4 <= copy.length) {
      new DataView(copy.buffer).setUint32(at, dice.of(tellingWords), dice.below(2) === 0);
    }
    return copy;
  },
  (bytes, dice) => bytes.slice(0, dice.below(bytes.length + 1)),
  (bytes, dice) => {
    const [from, to] = stretch(bytes, dice);
    return joined(bytes.subarray(0, from), bytes.subarray(to));
  },
  (bytes, dice) => {
    const [from, to] = stretch(bytes, dice);
    return joined(bytes.subarray(0, to), bytes.subarray(from));
  },
  (bytes, dice) => {
    const at = dice.below(bytes.length + 1);
    const noise = Uint8Array.from({ length: 1 + dice.below(32) }, () => dice.below(256));
    return joined(bytes.subarray(0, at), noise, bytes.subarray(at));
  },
  (bytes, dice) => joined(bytes, bytes.subarray(dice.below(bytes.length + 1))),
];

/** One to four changes of bytes. */
export const bytesMutation: Mutation = (bytes, dice) => {
  let changed = bytes;
  for (let count = 1 + dice.below(4); count > 0; count--) {
    changed = changed.length === 0 ? bytes : dice.of(changes)(changed, dice);
  }
  return changed;
};

/** The mutation inside of a wrapping that is made right again: a checksum, a compression. */
export function inside(
  mutation: Mutation,
  unwrap: (bytes: Uint8Array) => Uint8Array,
  wrap: (content: Uint8Array, bytes: Uint8Array) => Uint8Array,
): Mutation {
  return (bytes, dice) => wrap(mutation(unwrap(bytes), dice), bytes);
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const hostileValues: readonly (() => Json)[] = [
  () => null,
  () => true,
  () => -1,
  () => 0,
  () => 1.5,
  () => 1e308,
  () => -1e308,
  () => 2 ** 31,
  () => 2 ** 53,
  () => 9_007_199_254_740_991,
  () => "",
  () => "x",
  () => "\u001b[2J\n\u202e",
  () => "../../etc/passwd",
  () => "x".repeat(10_000),
  () => [],
  () => ({}),
  () => [null],
  () => ({ markup: "<meta http-equiv=refresh>" }),
  () => Array.from({ length: 1000 }, () => 0),
  () => JSON.parse(`${"[".repeat(60)}${"]".repeat(60)}`) as Json,
  () => JSON.parse('{"__proto__":{"x":1},"constructor":1,"toString":"x","length":-1}') as Json,
];

/** One to three changes of what a JSON text says; bytes alone where it is none. */
export const jsonMutation: Mutation = (bytes, dice) => {
  let json: Json;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes)) as Json;
  } catch {
    return bytesMutation(bytes, dice);
  }
  const whole = { root: json };
  for (let count = 1 + dice.below(3); count > 0; count--) changeJson(whole, dice);
  return new TextEncoder().encode(JSON.stringify(whole.root) ?? "");
};

/** Mostly what a text says, sometimes its bytes. */
export const textMutation: Mutation = (bytes, dice) =>
  dice.below(4) === 0 ? bytesMutation(bytes, dice) : jsonMutation(bytes, dice);

function changeJson(whole: { [key: string]: Json }, dice: Dice): void {
  const places = placesOf(whole);
  const { parent, key } = dice.of(places);
  const holder = parent as { [key: string]: Json };
  const value = holder[key] as Json;
  switch (dice.below(6)) {
    case 0:
      if (parent === whole) return;
      if (Array.isArray(parent)) parent.splice(Number(key), 1);
      else delete holder[key];
      return;
    case 1:
      // What stands elsewhere: right by its type perhaps, and wrong by its place.
      holder[key] = structuredClone(valueAt(dice.of(places)));
      return;
    case 2:
      if (typeof value === "number") holder[key] = value * dice.of([-1, 2, 10, 1e6, 0.5]);
      else if (typeof value === "string") holder[key] = value.slice(0, dice.below(4));
      else holder[key] = dice.of(hostileValues)();
      return;
    case 3:
      if (Array.isArray(value)) value.push(structuredClone(value[0] ?? null));
      else if (typeof value === "object" && value !== null) {
        value[dice.of(["x", "name", "length", "toString", "hasOwnProperty"])] = 1;
      } else holder[key] = dice.of(hostileValues)();
      return;
    default:
      holder[key] = dice.of(hostileValues)();
  }
}

interface Place {
  readonly parent: Json;
  readonly key: string;
}

function valueAt({ parent, key }: Place): Json {
  return (parent as { [key: string]: Json })[key] as Json;
}

function placesOf(value: Json): Place[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.keys(value).flatMap((key) => [
    { parent: value, key },
    ...placesOf((value as { [key: string]: Json })[key] as Json),
  ]);
}

function altered(bytes: Uint8Array, at: number, change: (byte: number) => number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = change(copy[at] ?? 0);
  return copy;
}

function stretch(bytes: Uint8Array, dice: Dice): readonly [number, number] {
  const from = dice.below(bytes.length);
  return [from, Math.min(bytes.length, from + 1 + dice.below(64))];
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
