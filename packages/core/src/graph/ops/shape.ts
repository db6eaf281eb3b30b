/** Ops that move elements and compute nothing. */
import { HoneError } from "../../errors.js";
import { sizeOf } from "../geometry.js";
import type { Shape, Tensor } from "../types.js";
import type { GraphWriter } from "../writer.js";
import { numbers, type OpDefinition, reshape } from "./definition.js";

const noFlops = () => 0;

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

export const shapeOps: readonly OpDefinition[] = [
  {
    name: "Reshape",
    alias: true,
    infer: (inputs, attributes) => {
      const input = inputs[0] as Tensor;
      const shape = numbers(attributes, "shape");
      if (sizeOf(shape) !== sizeOf(input.shape)) {
        throw new HoneError(
          "ShapeMismatch",
          "Reshape",
          `[${input.shape}] has ${sizeOf(input.shape)} elements, [${shape}] has ${sizeOf(shape)}.`,
        );
      }
      return { shape, dtype: input.dtype };
    },
    gradient: ({ builder, inputs, dOutput }) => [
      reshape(builder, dOutput, builder.shape(inputs[0] as number)),
    ],
    flops: noFlops,
  },
  {
    name: "Transpose",
    infer: (inputs, attributes) => {
      const input = inputs[0] as Tensor;
      const shape = numbers(attributes, "perm").map((axis) => input.shape[axis] as number);
      return { shape, dtype: input.dtype };
    },
    gradient: ({ builder, dOutput, attributes }) => {
      const perm = numbers(attributes, "perm");
      return [
        builder.op("Transpose", [dOutput], { perm: perm.map((_, axis) => perm.indexOf(axis)) }),
      ];
    },
    flops: noFlops,
  },
  {
    name: "Concat",
    infer: (inputs, attributes) => {
      const axis = attributes.axis as number;
      const first = inputs[0] as Tensor;
      for (const { shape } of inputs) {
        if (shape.some((extent, index) => index !== axis && extent !== first.shape[index])) {
          throw new HoneError(
            "ShapeMismatch",
            "Concat",
            `[${shape}] does not join [${first.shape}] along axis ${axis}.`,
          );
        }
      }
      const total = inputs.reduce((sum, { shape }) => sum + (shape[axis] as number), 0);
      return { shape: first.shape.map((extent, index) => (index === axis ? total : extent)) };
    },
    gradient: ({ builder, inputs, dOutput, attributes, wanted }) => {
      const axis = attributes.axis as number;
      let start = 0;
      return inputs.map((input, index) => {
        const size = builder.shape(input);
        const begin = size.map((_, at) => (at === axis ? start : 0));
        start += size[axis] as number;
        return wanted[index]
          ? builder.op("Slice", [dOutput], { begin, size: [...size] })
          : undefined;
      });
    },
    flops: noFlops,
  },
  {
    name: "Slice",
    infer: (inputs, attributes) => {
      const input = inputs[0] as Tensor;
      const begin = numbers(attributes, "begin");
      const size = numbers(attributes, "size");
      const inside = input.shape.every(
        (extent, axis) =>
          (begin[axis] ?? -1) >= 0 && (begin[axis] ?? 0) + (size[axis] ?? 0) <= extent,
      );
      if (!inside) {
        throw new HoneError(
          "ShapeMismatch",
          "Slice",
          `begin [${begin}] and size [${size}] leave [${input.shape}].`,
        );
      }
      return { shape: size, dtype: input.dtype };
    },
    gradient: ({ builder, inputs, dOutput, attributes }) => {
      const [begin, size] = [numbers(attributes, "begin"), numbers(attributes, "size")];
      return [unsliced(builder, dOutput, builder.shape(inputs[0] as number), begin, size)];
    },
    flops: noFlops,
  },
  {
    name: "PadV2",
    infer: (inputs, attributes) => {
      const paddings = numbers(attributes, "paddings");
      const shape = (inputs[0] as Tensor).shape.map(
        (extent, axis) =>
          extent + (paddings[2 * axis] as number) + (paddings[2 * axis + 1] as number),
      );
      return { shape };
    },
    gradient: ({ builder, inputs, dOutput, attributes }) => {
      const size = builder.shape(inputs[0] as number);
      const begin = size.map((_, axis) => numbers(attributes, "paddings")[2 * axis] as number);
      return [builder.op("Slice", [dOutput], { begin, size: [...size] })];
    },
    flops: noFlops,
  },
  {
    name: "Tile",
    infer: (inputs, attributes) => {
      const reps = numbers(attributes, "reps");
      return {
        shape: (inputs[0] as Tensor).shape.map((extent, axis) => extent * (reps[axis] as number)),
      };
    },
    gradient: ({ builder, inputs, dOutput, attributes }) => {
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
    flops: noFlops,
  },
];
