/** Random numbers that the device draws. */
import type { Distribution } from "../graph/ops/training-mode.js";
import type { Shape } from "../graph/types.js";
import type { Recorder } from "./recorder.js";
import type { Traced } from "./traced.js";

/** Numbers of [0, 1), or of a standard normal distribution, drawn anew in each step. */
export function draw(recorder: Recorder, distribution: Distribution, shape: Shape): Traced {
  const { build, graph } = recorder;
  const seed = graph.persistent("seed", "state", [1], { dtype: "int32" });
  const ordinal = recorder.randomOps++;
  return build.from(graph.op("Random", [seed], { shape: [...shape], distribution, ordinal }));
}
