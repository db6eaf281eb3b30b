/** From an entry's calls to dispatches: which kernels they need, and what these make of them. */
import {
  type DeviceInfo,
  type Entry,
  inTurns,
  type Lowering,
  loaded,
  locationOf,
  missingKernel,
  scalarOperations,
} from "@hone/core/kernels";
import type { LabelledDispatch, LoweredEntry, Shader } from "./dispatch.js";
import type { Kernels, Traits } from "./kernels/kernel.js";
import * as layers from "./kernels/layers.js";
import { loop as tiled } from "./kernels/loop-tiled.js";
import type { LabelledLaunch } from "./launch.js";
import { dispatchOf } from "./shader-text.js";

interface Part {
  /** Words. */
  readonly ops: string;
  load(): { readonly kernels: Kernels } | Promise<{ readonly kernels: Kernels }>;
}

/** Kernels that are loaded together, since the same programs ask for them. What most networks have comes with this file. */
export const parts: readonly Part[] = [
  {
    ops: `${scalarOperations.join(" ")} Relu Relu6 Elu Selu LeakyRelu ClipByValue Cast Fill Map`,
    load: () => import("./kernels/elementwise.js"),
  },
  {
    ops: "BatchMatMul _FusedMatMul Conv2D FusedConv2D MaxPool AvgPool Softmax LogSoftmax Identity",
    load: () => layers,
  },
  {
    ops: "Sum Max Min GlobalNorm ArgMax Concat",
    load: () => import("./kernels/reduce.js"),
  },
  {
    ops:
      "Conv2DBackpropInput Conv2DBackpropFilter MaxPoolGrad AvgPoolGrad SoftmaxCrossEntropy " +
      "SoftmaxCrossEntropyGrad CountCorrect RecordStep GatherRows ReadSchedule AssignMovingAverage",
    load: () => import("./kernels/training.js"),
  },
  {
    ops: "Transpose Slice PadV2 Tile Gather",
    load: () => import("./kernels/shape.js"),
  },
  { ops: "Dropout Random AugmentImages", load: () => import("./kernels/random.js") },
  {
    ops:
      "DepthwiseConv2dNative FusedDepthwiseConv2D DepthwiseConv2dNativeBackpropInput " +
      "DepthwiseConv2dNativeBackpropFilter",
    load: () => import("./kernels/depthwise.js"),
  },
  { ops: "FusedConv2DMaxPool", load: () => import("./kernels/pooled-convolution.js") },
  {
    ops: "FusedConv2DMaxPoolBackpropFilter FusedConv2DMaxPoolBackpropInput",
    load: () => import("./kernels/pooled-gradients.js"),
  },
  { ops: "RowMap ColumnMap", load: () => import("./kernels/reducing-maps.js") },
  { ops: "UnsortedSegmentSum", load: () => import("./kernels/segments.js") },
];

/** Launches of a program that is not searched for those that go together: mostly each waits for the one before. */
const A_CHAIN = 12;

const partOf = new Map(parts.flatMap((part) => part.ops.split(" ").map((op) => [op, part])));

/** @param traits of the device; unless given they follow from what it is */
export function lowering(traits?: Traits): Lowering {
  return {
    ops: [...partOf.keys()],
    lower: (entry, info) => lower(entry, info, traits ?? traitsOf(info)),
  };
}

function traitsOf({ kind }: DeviceInfo): Traits {
  const isReal = kind === "gpu";
  return { cooperative: isReal, joint: isReal };
}

async function lower(entry: Entry, { backend }: DeviceInfo, traits: Traits): Promise<LoweredEntry> {
  const needed = new Set<Part>();
  for (const call of entry.calls) {
    const part = partOf.get(call.op);
    if (!part) throw missingKernel(backend, locationOf(entry, call), call.op);
    needed.add(part);
  }
  const [{ loop }, ...found] = await loaded(backend, () =>
    Promise.all([
      traits.cooperative ? { loop: tiled } : import("./kernels/loop-direct.js"),
      ...[...needed].map((part) => part.load()),
    ]),
  );
  const kernels: Kernels = Object.assign({}, ...found.map((part) => part.kernels));
  const launches: LabelledLaunch[] = [];
  const turn = inTurns();
  for (const call of entry.calls) {
    const next = turn();
    if (next) await next;
    const label = call.label === undefined ? call.op : `${call.op} of ${call.label}`;
    for (const launch of kernels[call.op]?.(call, { ...traits, loop }) ?? []) {
      launches.push({ ...launch, label });
    }
  }
  return {
    ...entry,
    calls: [],
    dispatches: withSharedShaders(await dispatchesOf(launches, backend, traits)),
  };
}

async function dispatchesOf(
  launches: readonly LabelledLaunch[],
  backend: string,
  { joint }: Traits,
): Promise<LabelledDispatch[]> {
  const alone = (launch: LabelledLaunch) => ({ ...dispatchOf(launch), label: launch.label });
  if (!joint || launches.length <= A_CHAIN) return launches.map(alone);
  const { jointsOf, jointDispatch } = await loaded(backend, () => import("./joint-launches.js"));
  return jointsOf(launches).map(({ launches, invocations }) =>
    launches.length === 1
      ? alone(launches[0] as LabelledLaunch)
      : {
          ...jointDispatch(launches, invocations),
          label: launches.map(({ label }) => label).join(" + "),
        },
  );
}

/** Dispatches of one text have one shader. */
function withSharedShaders(dispatches: readonly LabelledDispatch[]): LabelledDispatch[] {
  const shaders = new Map<string, Shader>();
  return dispatches.map((dispatch) => {
    const { source } = dispatch.shader;
    const shader = shaders.get(source) ?? dispatch.shader;
    shaders.set(source, shader);
    return { ...dispatch, shader };
  });
}
