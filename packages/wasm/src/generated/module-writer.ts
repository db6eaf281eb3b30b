/** The bytes of a WebAssembly module of one function: https://webassembly.github.io/spec/core/binary. */

export const I32 = 0x7f;
export const V128 = 0x7b;

/** The exported function's name. */
export const EXPORTED = "run";

export interface FunctionType {
  readonly parameters: readonly number[];
  readonly results: readonly number[];
}

export interface ModuleParts {
  /** Of memory that threads share. */
  readonly shared: boolean;
  /** Functions of `kernels` that it calls: function 0, 1, … */
  readonly imports: readonly { readonly name: string; readonly type: FunctionType }[];
  readonly type: FunctionType;
  /** Numbers of i32 and of v128 locals behind the parameters, in this order. */
  readonly locals: readonly [i32: number, v128: number];
  readonly body: readonly number[];
}

/** An unsigned number in LEB128. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? low + 128 : low);
  } while (rest > 0);
  return bytes;
}

/** A signed 32-bit number in LEB128. */
export function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    const isLast = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
    bytes.push(isLast ? low : low + 128);
    if (isLast) return bytes;
  }
}

const list = (items: readonly (readonly number[])[]) => [
  ...unsigned(items.length),
  ...items.flat(),
];
const text = (value: string) => list([...new TextEncoder().encode(value)].map((byte) => [byte]));
const section = (id: number, content: readonly number[]) => [
  id,
  ...unsigned(content.length),
  ...content,
];
const typeOf = ({ parameters, results }: FunctionType) => [
  0x60,
  ...list(parameters.map((type) => [type])),
  ...list(results.map((type) => [type])),
];

/** The greatest memory a module can be of: the memory it is given may end earlier. */
const SHARED_LIMITS = [0x03, ...unsigned(1), ...unsigned(65_536)];
const LIMITS = [0x00, ...unsigned(0)];

export function moduleOf({ shared, imports, type, locals, body }: ModuleParts): Uint8Array {
  const memory = [...text("env"), ...text("memory"), 0x02, ...(shared ? SHARED_LIMITS : LIMITS)];
  const functions = imports.map(({ name }, index) => [
    ...text("kernels"),
    ...text(name),
    0x00,
    ...unsigned(index + 1),
  ]);
  const [i32, v128] = locals;
  const code = [
    ...list([
      [...unsigned(i32), I32],
      [...unsigned(v128), V128],
    ]),
    ...body,
    0x0b,
  ];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, list([typeOf(type), ...imports.map((item) => typeOf(item.type))])),
    ...section(2, list([memory, ...functions])),
    ...section(3, list([unsigned(0)])),
    ...section(7, list([[...text(EXPORTED), 0x00, ...unsigned(imports.length)]])),
    ...section(10, list([[...unsigned(code.length), ...code]])),
  ]);
}
