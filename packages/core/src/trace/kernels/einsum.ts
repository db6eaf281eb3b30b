/** Einstein sums as transposed products of stacks of matrices, two operands at a time. */
import { sizeOf } from "../../graph/geometry.js";
import type { Traced, TracedBuilder } from "../traced.js";
import type { KernelCall, Kernels } from "./kernel.js";
import { transposed } from "./take.js";

/** A tensor whose axes have letters. */
interface Lettered {
  readonly tensor: Traced;
  readonly letters: readonly string[];
}

function einsum(call: KernelCall): Traced {
  const { build } = call;
  const equation = String(call.attributes.equation).replace(/\s/g, "");
  const [left = "", right] = equation.split("->");
  const terms = left.split(",").map((term) => [...term]);
  const tensors = call.all();
  if (right === undefined || /[^a-zA-Z,]/.test(left + right) || terms.length !== tensors.length) {
    call.refuse(`sums by "${equation}". Write letters alone, and what comes out of them behind ->`);
  }
  const repeated = terms.find((letters) => new Set(letters).size < letters.length);
  if (repeated)
    call.refuse(`sums by "${equation}", a diagonal. Take it by a product with tf.eye first`);
  const result = [...(right ?? "")];
  const operands = tensors.map((tensor, at) => ({
    tensor: build.float(tensor),
    letters: terms[at] as readonly string[],
  }));
  const [first, ...rest] = operands as [Lettered, ...Lettered[]];
  const whole = rest.reduce<Lettered>((before, next, at) => {
    const needed = new Set([...result, ...rest.slice(at + 1).flatMap(({ letters }) => letters)]);
    return multiplied(
      build,
      alone(build, before, next, needed),
      alone(build, next, before, needed),
      needed,
    );
  }, first);
  const { tensor, letters } = summed(build, whole, new Set(result));
  return transposed(
    build,
    tensor,
    result.map((letter) => letters.indexOf(letter)),
  );
}

/** Sums over the letters that nobody needs. */
function summed(
  build: TracedBuilder,
  { tensor, letters }: Lettered,
  needed: ReadonlySet<string>,
): Lettered {
  const axes = letters.flatMap((letter, axis) => (needed.has(letter) ? [] : [axis]));
  return {
    tensor: build.reduce("Sum", tensor, axes, false),
    letters: letters.filter((letter) => needed.has(letter)),
  };
}

const alone = (build: TracedBuilder, one: Lettered, other: Lettered, needed: ReadonlySet<string>) =>
  summed(build, one, new Set([...needed, ...other.letters]));

/** Letters of both that are needed count stacks, those that are not are summed over. */
function multiplied(
  build: TracedBuilder,
  a: Lettered,
  b: Lettered,
  needed: ReadonlySet<string>,
): Lettered {
  const both = a.letters.filter((letter) => b.letters.includes(letter));
  const stack = both.filter((letter) => needed.has(letter));
  const inner = both.filter((letter) => !needed.has(letter));
  const rows = a.letters.filter((letter) => !both.includes(letter));
  const columns = b.letters.filter((letter) => !both.includes(letter));
  const extentOf = (letter: string) => {
    const [from, at] = [a, b]
      .map((one) => [one, one.letters.indexOf(letter)] as const)
      .find(([, at]) => at >= 0) as readonly [Lettered, number];
    return from.tensor.shape[at] as number;
  };
  const size = (letters: readonly string[]) => sizeOf(letters.map(extentOf));
  const matrices = (one: Lettered, first: readonly string[], second: readonly string[]) => {
    const perm = [...stack, ...first, ...second].map((letter) => one.letters.indexOf(letter));
    const shape = [...(stack.length > 0 ? [size(stack)] : []), size(first), size(second)];
    return build.dense(build.reshape(transposed(build, one.tensor, perm), shape));
  };
  const source = build.graph.op(
    "BatchMatMul",
    [matrices(a, rows, inner), matrices(b, inner, columns)],
    {
      transposeA: false,
      transposeB: false,
    },
  );
  const letters = [...stack, ...rows, ...columns];
  return { tensor: build.reshape(build.from(source), letters.map(extentOf)), letters };
}

export const einsumKernels: Kernels = { Einsum: einsum };
