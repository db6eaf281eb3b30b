/** How fast a device does a case: for benchmarks and for the tuning of kernels. */
import type { Device } from "@hone/core/backend";
import { findOp, planEntry } from "@hone/core/internals";
import { caseGraph } from "./case-graph.js";
import type { OpCase } from "./cases/case.js";

export interface CaseTime {
  readonly microseconds: number;
  /** Billions of floating-point operations a second, as the op table counts them. */
  readonly gflops: number;
  /** Runs that were timed. */
  readonly runs: number;
}

/**
 * Times the case's nodes, gradient left out: many runs between two syncs, at least `milliseconds` long.
 * In-place ops compute on what they left, so their numbers may wander.
 */
export async function timeCase(
  device: Device,
  opCase: OpCase,
  milliseconds = 50,
): Promise<CaseTime> {
  const { gradient: _, ...forward } = opCase;
  const { graph, written, residents } = caseGraph([forward]);
  const executable = await device.load({ entries: [planEntry("timed", graph, device.target)] });
  for (const [name, column] of Object.entries(residents)) {
    executable.bind(name, await device.upload({ [name]: column }));
  }
  for (const [name, values] of written) executable.write(name, values);
  const { first } = opCase.range ?? { first: 3 };
  const timeOf = async (runs: number) => {
    const start = performance.now();
    for (let run = 0; run < runs; run++) executable.run("timed", { first, steps: 1 });
    await executable.sync();
    return performance.now() - start;
  };
  await timeOf(3);
  let runs = 1;
  let elapsed = await timeOf(runs);
  while (elapsed < milliseconds && runs < 2 ** 20) {
    runs = Math.ceil(runs * Math.min(10, Math.max(2, (1.2 * milliseconds) / elapsed)));
    elapsed = await timeOf(runs);
  }
  executable.dispose();
  const seconds = elapsed / 1000 / runs;
  const flops = graph.nodes.reduce((sum, node) => {
    const operands = node.inputs.map((id) => graph.tensors[id] as (typeof graph.tensors)[number]);
    const output = graph.tensors[node.outputs[0] as number] as (typeof graph.tensors)[number];
    const { flops: rule } = findOp(node.op);
    const size = output.shape.reduce((product, extent) => product * extent, 1);
    return sum + (rule ? rule(operands, output, node.attributes) : size);
  }, 0);
  return { microseconds: seconds * 1e6, gflops: flops / seconds / 1e9, runs };
}
