/**
 * A Map as a WebAssembly module of one kernel, `(record, begin, end)` over blocks of elements like those of assembly/.
 *
 * Values used once stay on the stack, others and all that is the same for every element lie in locals; every value
 * is computed before the first result is stored. V8 makes a `v128.const` anew in every turn of a loop, so constants
 * are loaded from the record before it.
 */
import { invariant, type ScalarOperation } from "@hone/core/kernels";
import { type Expression, type Instruction, liveValues } from "@hone/core/maps";
import { type FunctionType, I32, moduleOf, signed, unsigned, V128 } from "./module-writer.js";

/**
 * How an input is read: on with the elements, one number for all that the kernel is called for, or on for a
 * period of elements and then from its beginning again.
 */
export type Motion = "moves" | "stays" | "repeats";

export interface MapShape {
  readonly expression: Expression;
  readonly motions: readonly Motion[];
  /** Elements, a multiple of LANES, after which inputs that repeat do so; 0 where none does. */
  readonly period: number;
  /** For each output, the input whose place it takes; −1 for a place of its own. */
  readonly places: readonly number[];
}

/**
 * The record's fields: the count of elements, the addresses of inputs, then of outputs that take no input's place, then
 * `constants` as float32.
 */
export interface MapModule {
  readonly constants: readonly number[];
  /** Whether it calls functions of assembly/functions.ts. */
  readonly callsFunctions: boolean;
  bytes(shared: boolean): Uint8Array;
}

/** Elements of a block: BLOCK of assembly/blocks.ts. */
const BLOCK = 512;
/** Elements of a vector. */
export const LANES = 4;

const UNARY: FunctionType = { parameters: [V128], results: [V128] };
const BINARY: FunctionType = { parameters: [V128, V128], results: [V128] };

/** Functions of assembly/functions.ts. */
const CALLS: Readonly<Partial<Record<ScalarOperation, readonly [name: string, FunctionType]>>> = {
  Exp: ["mapExp", UNARY],
  Log: ["mapLog", UNARY],
  Tanh: ["mapTanh", UNARY],
  Sigmoid: ["mapSigmoid", UNARY],
  Erf: ["mapErf", UNARY],
  Softplus: ["mapSoftplus", UNARY],
  Pow: ["mapPow", BINARY],
};

const simd = (code: number) => [0xfd, ...unsigned(code)];
const ADD = simd(0xe4);
const SUB = simd(0xe5);
const MUL = simd(0xe6);
const DIV = simd(0xe7);
const SQRT = simd(0xe3);
const AND = simd(0x4e);
const OR = simd(0x50);
const BITSELECT = simd(0x52);
const NOT_EQUAL = simd(0x42);
const LESS = simd(0x43);
const GREATER = simd(0x44);
const GREATER_EQUAL = simd(0x46);

/** Operations that are one instruction. */
const PLAIN: Readonly<Partial<Record<ScalarOperation, readonly number[]>>> = {
  Abs: simd(0xe0),
  Neg: simd(0xe1),
  Sqrt: SQRT,
  Add: ADD,
  Sub: SUB,
  Multiply: MUL,
  RealDiv: DIV,
  Maximum: simd(0xe9),
  Minimum: simd(0xe8),
};
/** They give a mask of bits. */
const COMPARISONS: Readonly<Partial<Record<ScalarOperation, readonly number[]>>> = {
  Equal: simd(0x41),
  NotEqual: NOT_EQUAL,
  Less: LESS,
  Greater: GREATER,
  LessEqual: simd(0x45),
  GreaterEqual: GREATER_EQUAL,
};

const get = (local: number) => [0x20, ...unsigned(local)];
const set = (local: number) => [0x21, ...unsigned(local)];
const tee = (local: number) => [0x22, ...unsigned(local)];
const i32 = (value: number) => [0x41, ...signed(value)];
const I32_ADD = [0x6a];
const I32_SUB = [0x6b];
const I32_MUL = [0x6c];
const I32_REM_U = [0x70];
const I32_EQ = [0x46];
const I32_LT_S = [0x48];
const I32_GT_S = [0x4a];
const loadI32 = (offset: number) => [0x28, 0x02, ...unsigned(offset)];
const load = [...simd(0x00), 0x02, 0x00];
const loadSplat = (offset: number) => [...simd(0x09), 0x02, ...unsigned(offset)];
const store = [...simd(0x0b), 0x02, 0x00];
const storeLane = (lane: number) => [...simd(0x5a), 0x02, ...unsigned(4 * lane), lane];

/** Parameters of the kernel, and the first local. */
const RECORD = 0;
const BEGIN = 1;
const END = 2;
const LEFT = 3;
/** Bytes from the beginning of inputs that repeat. */
const TURN = 4;
/** The first pointer. */
const POINTERS = 5;

export function mapModule(shape: MapShape): MapModule {
  const emitter = new Emitter(shape);
  const body = emitter.body();
  const made = (shared: boolean) =>
    moduleOf({
      shared,
      imports: emitter.imports,
      type: { parameters: [I32, I32, I32], results: [] },
      locals: [POINTERS - LEFT + emitter.pointers, emitter.vectors],
      body,
    });
  const kept = new Map<boolean, Uint8Array>();
  return {
    constants: emitter.constants,
    callsFunctions: emitter.imports.length > 0,
    bytes(shared) {
      const bytes = kept.get(shared) ?? made(shared);
      kept.set(shared, bytes);
      return bytes;
    },
  };
}

type Operation = Extract<Instruction, { kind: "operation" }>;

class Emitter {
  readonly constants: number[] = [];
  readonly imports: { readonly name: string; readonly type: FunctionType }[] = [];
  /** Inputs, and outputs with a place of their own: a pointer each, in the locals from POINTERS on. */
  readonly pointers: number;
  /** Locals that are vectors, behind the pointers. */
  vectors = 0;
  readonly #shape: MapShape;
  readonly #instructions: readonly Instruction[];
  /** How often each value is needed. */
  readonly #uses: number[];
  /** The same for all elements, and so computed before the loop. */
  readonly #uniform: boolean[] = [];
  /** Of values; a comparison's holds its mask. */
  readonly #locals = new Map<number | string, number>();
  /** Values that the turn has in their locals by now. */
  readonly #ready = new Set<number>();
  readonly #before: number[] = [];

  constructor(shape: MapShape) {
    const { expression, motions, places } = shape;
    this.#shape = shape;
    this.#instructions = expression.instructions;
    this.pointers = motions.length + places.filter((place) => place < 0).length;
    this.#uses = expression.instructions.map(() => 0);
    const live = liveValues(expression);
    for (const [index, instruction] of expression.instructions.entries()) {
      const operands = instruction.kind === "operation" ? instruction.operands : [];
      if (live[index]) for (const operand of operands) this.#count(operand);
      const stays = instruction.kind !== "input" || motions[instruction.input] === "stays";
      this.#uniform.push(stays && operands.every((operand) => this.#uniform[operand]));
    }
    for (const result of expression.results) this.#count(result);
  }

  body(): number[] {
    const { results } = this.#shape.expression;
    const turn = results.flatMap((value) => this.#computed(value));
    const stores = (bytes: readonly number[]) =>
      results.flatMap((value, at) => [...get(this.#place(at)), ...this.#kept(value), ...bytes]);
    const moving = [
      ...new Set([...this.#movingInputs(), ...results.map((_, at) => this.#place(at))]),
    ];
    const isLeft = (more: number, then: readonly number[]) => [
      ...[...get(LEFT), ...i32(more), ...I32_GT_S],
      ...[0x04, 0x40, ...then, 0x0b],
    ];
    const tail = [
      ...[...turn, ...stores(storeLane(0))],
      ...[...isLeft(1, stores(storeLane(1))), ...isLeft(2, stores(storeLane(2)))],
    ];
    return [
      ...this.#entered(moving),
      ...this.#before,
      // block, loop, and out of the block when less than a vector is left
      ...[0x02, 0x40, 0x03, 0x40, ...get(LEFT), ...i32(4), ...I32_LT_S, 0x0d, 0x01],
      ...[...turn, ...stores(store)],
      ...moving.flatMap((pointer) => [...get(pointer), ...i32(16), ...I32_ADD, ...set(pointer)]),
      ...this.#turned(),
      ...[...get(LEFT), ...i32(4), ...I32_SUB, ...set(LEFT), 0x0c, 0x00, 0x0b, 0x0b],
      ...isLeft(0, tail),
    ];
  }

  /** Addresses of the first element, and how many elements are left. */
  #entered(moving: readonly number[]): number[] {
    const times = (local: number, factor: number) => [...get(local), ...i32(factor), ...I32_MUL];
    const pointers = Array.from({ length: this.pointers }, (_, index) => {
      const pointer = POINTERS + index;
      const start = moving.includes(pointer) ? [...times(BEGIN, 4 * BLOCK), ...I32_ADD] : [];
      return [...get(RECORD), ...loadI32(4 * (index + 1)), ...start, ...set(pointer)];
    });
    const end = times(END, BLOCK);
    const count = [...get(RECORD), ...loadI32(0)];
    const least = [...end, ...count, ...end, ...count, ...I32_LT_S, 0x1b];
    const turn = [...times(BEGIN, 4 * BLOCK), ...i32(this.#turnBytes), ...I32_REM_U, ...set(TURN)];
    if (this.#turnBytes > 0) pointers.push(turn);
    return [...pointers.flat(), ...least, ...times(BEGIN, BLOCK), ...I32_SUB, ...set(LEFT)];
  }

  get #turnBytes(): number {
    return 4 * this.#shape.period;
  }

  /** On by a vector, and back to 0 at the end of a period. */
  #turned(): number[] {
    if (this.#turnBytes === 0) return [];
    const next = [...get(TURN), ...i32(4 * LANES), ...I32_ADD, ...tee(TURN)];
    const isOver = [...get(TURN), ...i32(this.#turnBytes), ...I32_EQ];
    return [...i32(0), ...next, ...isOver, 0x1b, ...set(TURN)];
  }

  #movingInputs(): number[] {
    return this.#shape.motions.flatMap((motion, input) =>
      motion === "moves" ? [POINTERS + input] : [],
    );
  }

  /** The pointer of an output. */
  #place(output: number): number {
    const { motions, places } = this.#shape;
    const input = places[output] as number;
    if (input >= 0) return POINTERS + input;
    return POINTERS + motions.length + places.slice(0, output).filter((place) => place < 0).length;
  }

  #count(value: number): void {
    this.#uses[value] = (this.#uses[value] as number) + 1;
  }

  /** The local of a value, or of what else goes by that name. */
  #local(key: number | string): number {
    let local = this.#locals.get(key);
    if (local === undefined) {
      local = POINTERS + this.pointers + this.vectors++;
      this.#locals.set(key, local);
    }
    return local;
  }

  #isMask(value: number): boolean {
    const instruction = this.#instructions[value] as Instruction;
    return instruction.kind === "operation" && COMPARISONS[instruction.name] !== undefined;
  }

  /** Puts a value into its local, unless it is there. */
  #computed(value: number): number[] {
    if (this.#uniform[value]) return this.#beforeLoop(value);
    if (this.#ready.has(value)) return [];
    const code = this.#made(value);
    this.#ready.add(value);
    return [...code, ...set(this.#local(value))];
  }

  #beforeLoop(value: number): number[] {
    if (!this.#locals.has(value)) {
      const code = this.#made(value);
      this.#before.push(...code, ...set(this.#local(value)));
    }
    return [];
  }

  /** A value from its local, as a number. */
  #kept(value: number): number[] {
    const raw = get(this.#local(value));
    return this.#isMask(value) ? [...raw, ...this.#number(1), ...AND] : raw;
  }

  /** A value on the stack: a comparison's mask, any other's number. */
  #raw(value: number): number[] {
    if (this.#uniform[value]) return [...this.#beforeLoop(value), ...get(this.#local(value))];
    if (this.#ready.has(value)) return get(this.#local(value));
    const code = this.#made(value);
    if ((this.#uses[value] as number) < 2) return code;
    this.#ready.add(value);
    return [...code, ...tee(this.#local(value))];
  }

  #value(value: number): number[] {
    const raw = this.#raw(value);
    return this.#isMask(value) ? [...raw, ...this.#number(1), ...AND] : raw;
  }

  #condition(value: number): number[] {
    if (this.#isMask(value)) return this.#raw(value);
    return [...this.#value(value), ...this.#number(0), ...NOT_EQUAL];
  }

  /** A number in all lanes, from a local filled before the loop. */
  #number(value: number): number[] {
    const key = `number ${Object.is(value, -0) ? "-0" : value}`;
    if (!this.#locals.has(key)) {
      this.#before.push(...this.#loadedConstant(value), ...set(this.#local(key)));
    }
    return get(this.#local(key));
  }

  #loadedConstant(value: number): number[] {
    const field = 1 + this.pointers + this.constants.push(value) - 1;
    return [...get(RECORD), ...loadSplat(4 * field)];
  }

  #made(value: number): number[] {
    const instruction = this.#instructions[value] as Instruction;
    invariant(instruction.kind !== "reduction", "Map", "it has no axis to reduce along");
    switch (instruction.kind) {
      case "constant":
        return this.#loadedConstant(instruction.value);
      case "element":
        return [...get(POINTERS + instruction.input), ...loadSplat(4 * instruction.element)];
      case "input": {
        const first = get(POINTERS + instruction.input);
        if (this.#uniform[value]) return [...first, ...loadSplat(0)];
        const repeats = this.#shape.motions[instruction.input] === "repeats";
        return [...first, ...(repeats ? [...get(TURN), ...I32_ADD] : []), ...load];
      }
      case "operation":
        return this.#operation(value, instruction);
    }
  }

  #operation(value: number, { name, operands }: Operation): number[] {
    const [a = 0, b = 0, c = 0] = operands;
    const plain = PLAIN[name] ?? COMPARISONS[name];
    if (plain) return [...operands.flatMap((operand) => this.#value(operand)), ...plain];
    const called = CALLS[name];
    if (called) {
      const code = operands.flatMap((operand) => this.#value(operand));
      return [...code, 0x10, ...unsigned(this.#imported(...called))];
    }
    const x = this.#local(`operand of ${value}`);
    const isNone = [...get(x), ...get(x), ...NOT_EQUAL];
    switch (name) {
      case "Select":
        return [...this.#value(b), ...this.#value(c), ...this.#condition(a), ...BITSELECT];
      case "Square":
        return [...this.#value(a), ...tee(x), ...get(x), ...MUL];
      case "SquaredDifference":
        return [...this.#value(a), ...this.#value(b), ...SUB, ...tee(x), ...get(x), ...MUL];
      case "Reciprocal":
        return [...this.#number(1), ...this.#value(a), ...DIV];
      case "Rsqrt":
        return [...this.#number(1), ...this.#value(a), ...SQRT, ...DIV];
      case "Sign": {
        const above = [...get(x), ...this.#number(0), ...GREATER, ...this.#number(1), ...AND];
        const below = [...get(x), ...this.#number(0), ...LESS, ...this.#number(-1), ...AND];
        return [...this.#value(a), ...tee(x), ...above, ...below, ...OR, ...isNone, ...BITSELECT];
      }
      case "Step": {
        const first = this.#value(a);
        const isAbove = [...get(x), ...this.#number(0), ...GREATER];
        const step = [...this.#number(1), ...this.#value(b), ...isAbove, ...BITSELECT];
        return [...first, ...tee(x), ...step, ...isNone, ...BITSELECT];
      }
      case "EluGrad": {
        // Code is made in the order in which it runs: a value is computed where it is first needed.
        const first = this.#value(a);
        const y = this.#local(`second operand of ${value}`);
        const below = [...get(x), ...this.#value(b), ...tee(y), ...this.#number(1), ...ADD, ...MUL];
        const isPositive = [...get(y), ...this.#number(0), ...GREATER_EQUAL];
        return [...first, ...tee(x), ...below, ...isPositive, ...BITSELECT];
      }
      default:
        invariant(false, "wasm Map", `there is no code for ${name}`);
    }
  }

  #imported(name: string, type: FunctionType): number {
    const known = this.imports.findIndex((item) => item.name === name);
    return known >= 0 ? known : this.imports.push({ name, type }) - 1;
  }
}
