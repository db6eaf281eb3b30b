/** Gradients of ops that move elements. */
import { sizeOf } from "../geometry.js";
import type { GradientRules } from "../ops/definition.js";
import { numbers, reshape } from "../ops/rules.js";
import type { Shape } from "../types.js";
import type { GraphWriter } from "../writer.js";

/** Zeros of `shape`, but for the range [begin, begin + size), which holds the values of `part`. */
export function unsliced(
  builder: GraphWriter,
  part: number,
  shape: Shape,
  begin: readonly number[],
  size: readonly number[],
): number {
  const paddings = shape.flatMap((extent, axis) => {
    const before = begin[axis] as number;
    return [before, extent - before - (size[axis] as number)];
  });
  return builder.op("PadV2", [part], { paddings, constantValue: 0 });
}

export const shapeGradients: GradientRules = {
  Reshape: ({ builder, inputs, dOutput }) => [
    reshape(builder, dOutput, builder.shape(inputs[0] as number)),
  ],
  Transpose: ({ builder, dOutput, attributes }) => {
    const perm = numbers(attributes, "perm");
    return [
      builder.op("Transpose", [dOutput], { perm: perm.map((_, axis) => perm.indexOf(axis)) }),
    ];
  },
  Concat: ({ builder, inputs, dOutput, attributes, wanted }) => {
    const axis = attributes.axis as number;
    let start = 0;
    return inputs.map((input, index) => {
      const size = builder.shape(input);
      const begin = size.map((_, at) => (at === axis ? start : 0));
      start += size[axis] as number;
      return wanted[index] ? builder.op("Slice", [dOutput], { begin, size: [...size] }) : undefined;
    });
  },
  Slice: ({ builder, inputs, dOutput, attributes }) => {
    const [begin, size] = [numbers(attributes, "begin"), numbers(attributes, "size")];
    return [unsliced(builder, dOutput, builder.shape(inputs[0] as number), begin, size)];
  },
  PadV2: ({ builder, inputs, dOutput, attributes }) => {
    const size = builder.shape(inputs[0] as number);
    const begin = size.map((_, axis) => numbers(attributes, "paddings")[2 * axis] as number);
    return [builder.op("Slice", [dOutput], { begin, size: [...size] })];
  },
  Tile: ({ builder, inputs, dOutput, attributes }) => {
    const reps = numbers(attributes, "reps");
    const shape = builder.shape(inputs[0] as number);
    let result = dOutput;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const count = reps[axis] as number;
      if (count === 1) continue;
      const now = builder.shape(result);
      const inner = sizeOf(now.slice(axis + 1));
      const folded = [sizeOf(now.slice(0, axis)), count, (shape[axis] as number) * inner];
      const summed = builder.op("Sum", [reshape(builder, result, folded)], {
        axes: [1],
        keepDims: false,
      });
      const extents = now.map((extent, at) => (at === axis ? (shape[axis] as number) : extent));
      result = reshape(builder, summed, extents);
    }
    return [result];
  },
};
