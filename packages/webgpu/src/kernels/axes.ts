/** Shapes and strides as the constants of library/coordinates.wgsl. */
import type { Shape } from "@hone/core/kernels";
import type { Constants } from "./kernel.js";
import coordinates from "./library/coordinates.wgsl";

/** What takes them; here, so that it is loaded with them. */
export { coordinates };

const MAX_RANK = 6;

/** A result's shape and, for each input, its strides along those axes, with needless axes merged. */
export interface Axes {
  readonly shape: readonly number[];
  readonly strides: readonly (readonly number[])[];
}

/**
 * Drops axes of extent 1 and merges neighbours that every input walks as one: what is left is the
 * least a kernel must divide by.
 */
export function mergeAxes(shape: Shape, strides: readonly (readonly number[])[]): Axes {
  const kept: { extent: number; strides: number[] }[] = [];
  shape.forEach((extent, axis) => {
    if (extent === 1) return;
    const here = strides.map((list) => list[axis] as number);
    const before = kept.at(-1);
    if (before?.strides.every((stride, input) => stride === (here[input] as number) * extent)) {
      before.extent *= extent;
      before.strides = here;
    } else {
      kept.push({ extent, strides: here });
    }
  });
  return {
    shape: kept.map((axis) => axis.extent),
    strides: strides.map((_, input) => kept.map((axis) => axis.strides[input] as number)),
  };
}

/** `NAME_OUTER` and `NAME_INNER`: up to six numbers, the axes that are missing filled in at the end. */
export function sixNumbers(name: string, values: readonly number[], filler: number): Constants {
  const six = Array.from({ length: MAX_RANK }, (_, axis) => values[axis] ?? filler);
  return { [`${name}_OUTER`]: six.slice(0, 3), [`${name}_INNER`]: six.slice(3) };
}

/** What library/coordinates.wgsl takes. */
export function shapeConstants(shape: Shape): Constants {
  return { ...sixNumbers("SHAPE", shape, 1), RANK: shape.length };
}

/** The constants of a result that reads its inputs through strides. */
export function axesConstants(axes: Axes, names: readonly string[]): Constants {
  return Object.assign(
    shapeConstants(axes.shape),
    ...names.map((name, input) => sixNumbers(name, axes.strides[input] ?? [], 0)),
  );
}
