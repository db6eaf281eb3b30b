/** Ops that move elements and compute nothing. */
import { sizeOf } from "../geometry.js";
import type { Tensor } from "../types.js";
import type { OpDefinition } from "./definition.js";
import { mismatch, noFlops, numbers } from "./rules.js";

export const shapeOps: readonly OpDefinition[] = [
  {
    name: "Reshape",
    alias: true,
    infer: (inputs, attributes) => {
      const { shape: from, dtype } = inputs[0] as Tensor;
      const shape = numbers(attributes, "shape");
      const [is, asked] = [sizeOf(from), sizeOf(shape)];
      if (asked === is) return { shape, dtype };
      return mismatch("Reshape", `[${from}] has ${is} elements, [${shape}] has ${asked}.`);
    },
    flops: noFlops,
  },
  {
    name: "Transpose",
    infer: (inputs, attributes) => {
      const { shape, dtype } = inputs[0] as Tensor;
      return { shape: numbers(attributes, "perm").map((axis) => shape[axis] as number), dtype };
    },
    flops: noFlops,
  },
  {
    name: "Concat",
    infer: (inputs, attributes) => {
      const axis = attributes.axis as number;
      const first = (inputs[0] as Tensor).shape;
      let total = 0;
      for (const { shape } of inputs) {
        if (shape.some((extent, index) => index !== axis && extent !== first[index])) {
          mismatch("Concat", `[${shape}] does not join [${first}] along axis ${axis}.`);
        }
        total += shape[axis] as number;
      }
      return { shape: first.map((extent, index) => (index === axis ? total : extent)) };
    },
    flops: noFlops,
  },
  {
    name: "Slice",
    infer: (inputs, attributes) => {
      const { shape, dtype } = inputs[0] as Tensor;
      const begin = numbers(attributes, "begin");
      const size = numbers(attributes, "size");
      const isInside = shape.every(
        (extent, axis) =>
          (begin[axis] ?? -1) >= 0 && (begin[axis] ?? 0) + (size[axis] ?? 0) <= extent,
      );
      if (isInside) return { shape: size, dtype };
      return mismatch("Slice", `begin [${begin}] and size [${size}] leave [${shape}].`);
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
    flops: noFlops,
  },
  {
    name: "Tile",
    infer: (inputs, attributes) => {
      const reps = numbers(attributes, "reps");
      const { shape } = inputs[0] as Tensor;
      return { shape: shape.map((extent, axis) => extent * (reps[axis] as number)) };
    },
    flops: noFlops,
  },
];
