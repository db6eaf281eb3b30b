/**
 * Calls that save a pass over memory when they are made one: the gradient of relu, alone or behind a
 * pool. Results keep their bits.
 *
 * A tensor that is no longer written must have been needed by its one reader alone. The planner
 * reuses scratch, so that is read off the entry: which call touches those elements next?
 */
import { type Call, type Entry, type Operand, sizeOf } from "@hone/core/backend";
import { areWindowsPairs } from "./windows.js";

/** The entry's calls, fused where that is safe. */
export function fuse(entry: Entry): readonly Call[] {
  const named = Object.values(entry.buffers);
  return fusePools(fuseSteps(entry.calls, named), named);
}

/** Step, Multiply → MultiplyByStep. */
function fuseSteps(calls: readonly Call[], named: readonly Operand[]): readonly Call[] {
  return fusePairs(calls, named, "Step", (step, multiply, mask) => {
    if (multiply.op !== "Multiply") return undefined;
    const dy = multiply.inputs.find((operand) => operand !== mask);
    const [x] = step.inputs;
    const [y] = multiply.outputs;
    if (!x || !dy || !y || [x, dy].some(({ shape }) => sizeOf(shape) !== sizeOf(y.shape))) {
      return undefined;
    }
    // Element by element, so the result may take the very place of x, but no other part of it.
    if (overlap(x, y) && x.offset !== y.offset) return undefined;
    return { ...multiply, op: "MultiplyByStep", inputs: [x, dy], attributes: step.attributes };
  });
}

/** MaxPoolGrad, MultiplyByStep of the pool's own input → MaxPoolGradByStep. */
function fusePools(calls: readonly Call[], named: readonly Operand[]): readonly Call[] {
  return fusePairs(calls, named, "MaxPoolGrad", (pool, multiply, gradient) => {
    if (multiply.op !== "MultiplyByStep" || multiply.inputs[1] !== gradient) return undefined;
    const [dy, x, y] = pool.inputs;
    const [dx] = multiply.outputs;
    const [steppedOn] = multiply.inputs;
    if (!dy || !x || !y || !dx || !steppedOn || !isSame(x, steppedOn)) return undefined;
    if (!areWindowsPairs(pool) || overlap(dy, dx) || overlap(y, dx)) return undefined;
    if (overlap(x, dx) && x.offset !== dx.offset) return undefined;
    const attributes = { ...pool.attributes, ...multiply.attributes };
    return { ...pool, op: "MaxPoolGradByStep", outputs: [dx], attributes };
  });
}

/**
 * Replaces each call of `op` and the one reader of its result by what `join` makes of them, at the
 * reader's place.
 */
function fusePairs(
  calls: readonly Call[],
  named: readonly Operand[],
  op: string,
  join: (first: Call, reader: Call, result: Operand) => Call | undefined,
): readonly Call[] {
  const list = [...calls];
  for (let index = 0; index < list.length; index++) {
    const first = list[index];
    const result = first?.outputs[0];
    if (!first || first.op !== op || !result || named.some((other) => overlap(other, result))) {
      continue;
    }
    const at = nextReader(list, index, result);
    const reader = list[at];
    const read = reader?.inputs.filter((operand) => overlap(operand, result)) ?? [];
    const [operand] = read;
    if (!reader || !operand || read.length !== 1 || !isSame(operand, result)) continue;
    if (!isDeadAfter(list, at, result) || isWritten(list, index, at, first.inputs)) continue;
    const joined = join(first, reader, operand);
    if (!joined) continue;
    list[at] = joined;
    list.splice(index, 1);
    index--;
  }
  return list;
}

/** Index of the first call after `index` that reads elements of `result`; −1 when one is written first. */
function nextReader(calls: readonly Call[], index: number, result: Operand): number {
  for (let at = index + 1; at < calls.length; at++) {
    const { inputs, outputs } = calls[at] as Call;
    if (inputs.some((operand) => overlap(operand, result))) return at;
    if (outputs.some((operand) => overlap(operand, result))) return -1;
  }
  return -1;
}

/** Whether each of the elements is written before it is read again, in this step or the next. */
function isDeadAfter(calls: readonly Call[], index: number, result: Operand): boolean {
  let left: Operand | undefined = result;
  for (let distance = 0; distance <= calls.length; distance++) {
    const { inputs, outputs } = calls[(index + distance) % calls.length] as Call;
    for (const operand of distance === 0 ? [] : inputs) {
      if (left && overlap(operand, left)) return false;
    }
    for (const operand of outputs) left = left && without(left, operand);
    if (!left) return true;
  }
  return true;
}

/** What `written` leaves of an operand; a hole in its middle is not counted. */
function without(operand: Operand, written: Operand): Operand | undefined {
  if (!overlap(operand, written)) return operand;
  const start = written.offset <= operand.offset ? endOf(written) : operand.offset;
  const end = endOf(written) >= endOf(operand) ? Math.max(start, written.offset) : endOf(operand);
  const rest = Math.min(end, endOf(operand)) - start;
  return rest > 0 ? { ...operand, offset: start, shape: [rest] } : undefined;
}

/** Whether a call strictly between the two writes elements of an operand. */
function isWritten(
  calls: readonly Call[],
  from: number,
  to: number,
  operands: readonly Operand[],
): boolean {
  return calls
    .slice(from + 1, to)
    .some(({ outputs }) => outputs.some((out) => operands.some((other) => overlap(out, other))));
}

const endOf = ({ offset, shape }: Operand) => offset + sizeOf(shape);

function overlap(a: Operand, b: Operand): boolean {
  return a.block === b.block && a.offset < endOf(b) && b.offset < endOf(a);
}

function isSame(a: Operand, b: Operand): boolean {
  return a.block === b.block && a.offset === b.offset && sizeOf(a.shape) === sizeOf(b.shape);
}
