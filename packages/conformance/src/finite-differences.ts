/**
 * Checks the op table's gradient rules on the 64-bit reference: the slope of Σ upstream·result along an
 * input's element against the gradient made on the graph.
 */
import type { Device, TypedArray } from "@hone/core/backend";
import { planEntry } from "@hone/core/internals";
import { type CaseGraph, caseGraph, inputName, upstreamName } from "./case-graph.js";
import type { OpCase } from "./cases/case.js";
import { largest } from "./compare.js";

/** With four points the error is of the order of the step's fourth power. */
const STEP = 1e-4;
const TOLERANCE = 1e-6;
/** Elements of each input that are moved. */
const MOST_ELEMENTS = 12;

/**
 * What is wrong with the case's gradients, or undefined.
 * @param device a 64-bit device
 */
export async function gradientFault(device: Device, opCase: OpCase): Promise<string | undefined> {
  const cases = caseGraph([opCase]);
  const executable = await device.load({
    entries: [planEntry("case", cases.graph, device.target)],
  });
  for (const [name, values] of cases.written) executable.write(name, values);
  const values = cases.compared.filter(({ what }) => what === "value").map(({ buffer }) => buffer);
  const upstreams = values.map((_, at) => cases.written.get(upstreamName(0, at)) as TypedArray);

  const objective = async (input: string, moved: Float64Array): Promise<number> => {
    executable.write(input, moved);
    executable.run("case", cases.range);
    const results = await executable.read(values);
    return results.reduce((sum, result, at) => sum + dot(result, upstreams[at] as TypedArray), 0);
  };

  try {
    for (const { input, buffer } of cases.compared) {
      if (input === undefined) continue;
      const name = inputName(0, input);
      const start = Float64Array.from(cases.written.get(name) as TypedArray);
      executable.write(name, start);
      executable.run("case", cases.range);
      const [gradient] = (await executable.read([buffer])) as [TypedArray];
      const fault = await slopeFault(start, gradient, (moved) => objective(name, moved));
      executable.write(name, start);
      if (fault) return `input ${input}: ${fault}`;
    }
    return checkedInputs(cases) > 0 ? undefined : "no input has a gradient";
  } finally {
    executable.dispose();
  }
}

const checkedInputs = ({ compared }: CaseGraph) =>
  compared.filter(({ input }) => input !== undefined).length;

async function slopeFault(
  start: Float64Array,
  gradient: TypedArray,
  objective: (moved: Float64Array) => Promise<number>,
): Promise<string | undefined> {
  const scale = Math.max(1, largest(gradient));
  const stride = Math.max(1, Math.floor(start.length / MOST_ELEMENTS));
  for (let index = 0; index < start.length; index += stride) {
    const at = (steps: number) => {
      const moved = start.slice();
      moved[index] = (moved[index] as number) + steps * STEP;
      return objective(moved);
    };
    const near = (await at(1)) - (await at(-1));
    const far = (await at(2)) - (await at(-2));
    const slope = (8 * near - far) / (12 * STEP);
    const found = gradient[index] as number;
    if (!(Math.abs(slope - found) <= TOLERANCE * scale)) {
      return `element ${index} has the gradient ${found}, the slope is ${slope}`;
    }
  }
  return undefined;
}

function dot(a: TypedArray, b: TypedArray): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += (a[index] as number) * (b[index] as number);
  return sum;
}
