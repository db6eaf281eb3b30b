/**
 * Loops over several tensors at once: neighbouring axes that all of them walk alike become one.
 */
import { invariant } from "@hone/core/kernels";
import { blocksOf } from "./lowering.js";

/** One loop: how often, and how many elements each tensor moves. */
export interface Axis {
  readonly extent: number;
  readonly steps: readonly number[];
}

/**
 * The fewest loops that visit `extents` in order, innermost first; at least `least`.
 * @param strides of each tensor, by axis, in elements
 */
export function foldAxes(
  extents: readonly number[],
  strides: readonly (readonly number[])[],
  least: number,
): Axis[] {
  const folded: Axis[] = [];
  for (let axis = extents.length - 1; axis >= 0; axis--) {
    const extent = extents[axis] as number;
    if (extent === 1) continue;
    const steps = strides.map((stride) => stride[axis] as number);
    const inner = folded.at(-1);
    if (
      inner &&
      steps.every((step, index) => step === (inner.steps[index] as number) * inner.extent)
    ) {
      folded[folded.length - 1] = { extent: inner.extent * extent, steps: inner.steps };
    } else {
      folded.push({ extent, steps });
    }
  }
  while (folded.length < least) {
    // A single element moves by one where a row would, so that it is read as a row of one.
    const step = folded.length === 0 ? 1 : 0;
    folded.push({ extent: 1, steps: strides.map(() => step) });
  }
  return folded;
}

/** Units of kernels that go row by row, a row being the innermost loop: the blocks of each row. */
export function rowUnits(axes: readonly Axis[]): number {
  const rows = axes.slice(1).reduce((product, { extent }) => product * extent, 1);
  return rows * blocksOf(axes[0]?.extent ?? 0);
}

/** Extent and steps in bytes of each loop, one record after another; missing tensors step by 0. */
export function axisRecords(axes: readonly Axis[], tensors: number): number[] {
  return axes.flatMap(({ extent, steps }) => {
    invariant(steps.length <= tensors, "axes", `${steps.length} tensors, ${tensors} expected`);
    const bytes = Array.from({ length: tensors }, (_, index) => 4 * (steps[index] ?? 0));
    return [extent, ...bytes];
  });
}
