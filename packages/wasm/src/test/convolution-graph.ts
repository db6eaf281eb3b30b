/**
 * One convolution layer with its gradients, planned as any model is, on a device and on the reference.
 *
 * All numbers lie on a coarse grid, so that every product and sum is exact in float32, in whatever
 * order: ties are ties on both sides, and results are compared bit by bit.
 */
import {
  type Device,
  type Entry,
  type Operand,
  sizeOf,
  type TypedArray,
  windowOutput,
} from "@hone/core/backend";
import {
  type Graph,
  GraphBuilder,
  gradients,
  planEntry,
  RandomStream,
  samePadding,
  simplify,
} from "@hone/core/internals";
import { cpu } from "@hone/cpu";
import { wasm } from "../index.js";

/** The reference, and what is held to it: a team on fused arithmetic, and one thread on plain SIMD. */
export async function openDevices(): Promise<{ reference: Device; tested: readonly Device[] }> {
  const reference = await cpu({ precision: 64, worker: false }).open();
  const team = await wasm({ worker: false, threads: 3, shareFrom: 0 }).open();
  const alone = await wasm({ worker: false, shared: false, relaxed: false }).open();
  return { reference, tested: [team, alone] };
}

export interface ConvolutionCase {
  readonly batch: number;
  /** Of the image. */
  readonly size: readonly [height: number, width: number];
  readonly inputChannels: number;
  readonly outputChannels: number;
  readonly filter: readonly [height: number, width: number];
  readonly strides?: readonly [number, number];
  readonly dilations?: readonly [number, number];
  /** None unless given; or numbers: top, bottom, left, right. */
  readonly padding?: "same" | readonly number[];
  readonly bias?: boolean;
  readonly relu?: boolean;
  /** False for a layer without the pool of 2 by 2. */
  readonly pool?: boolean;
  /** False for a first layer. */
  readonly differentiateInput?: boolean;
  readonly values?: Partial<LayerValues>;
}

/** What tensors hold, by element. */
export interface LayerValues {
  readonly x: (random: RandomStream) => number;
  readonly filter: (random: RandomStream) => number;
  readonly bias: (random: RandomStream) => number;
  readonly dy: (random: RandomStream) => number;
}

/** Multiples of 1/8 from −1/2 to 1/2. */
const eighths = (random: RandomStream) => (random.nextInteger(9) - 4) / 8;
export const sparse = (random: RandomStream) => (random.nextInteger(2) ? 0 : eighths(random));
export const nonZero = (random: RandomStream) => (1 + random.nextInteger(7)) / 8;
const ordinary: LayerValues = { x: eighths, filter: eighths, bias: eighths, dy: sparse };

export function paddingOf({ size, filter, padding, ...rest }: ConvolutionCase): number[] {
  const { strides = [1, 1], dilations = [1, 1] } = rest;
  if (padding !== "same") return [...(padding ?? [0, 0, 0, 0])];
  const along = (axis: 0 | 1) =>
    samePadding(size[axis], filter[axis], strides[axis], dilations[axis]);
  return [...along(0), ...along(1)];
}

/** Extents of the convolution's output; some may be below what a pool needs, or nothing at all. */
export function outputSize(c: ConvolutionCase): [number, number] {
  const { size, filter, strides = [1, 1], dilations = [1, 1] } = c;
  const [top, bottom, left, right] = paddingOf(c) as [number, number, number, number];
  return [
    windowOutput(size[0], filter[0], strides[0], dilations[0], top + bottom),
    windowOutput(size[1], filter[1], strides[1], dilations[1], left + right),
  ];
}

const PAIRS = { filterSize: [2, 2], strides: [2, 2], padding: [0, 0, 0, 0] };

/** Buffers to write: `x filter bias dy`; to read: `y dx dFilter dBias`, as far as the case has them. */
export function layerGraph(c: ConvolutionCase): Graph {
  const { strides = [1, 1], dilations = [1, 1], bias = true, relu = true, pool = true } = c;
  const builder = new GraphBuilder();
  const input = (name: string, ...shape: number[]) => builder.persistent(name, "input", shape);
  const x = input("x", c.batch, ...c.size, c.inputChannels);
  const filter = input("filter", ...c.filter, c.inputChannels, c.outputChannels);
  const biases = bias ? [input("bias", c.outputChannels)] : [];
  const window = { strides: [...strides], padding: paddingOf(c), dilations: [...dilations] };
  let y = builder.op("Conv2D", [x, filter], window);
  for (const id of biases) y = builder.op("Add", [y, id]);
  if (relu) y = builder.op("Relu", [y]);
  if (pool) y = builder.op("MaxPool", [y], PAIRS);
  const dy = input("dy", ...builder.shape(y));
  const isWanted = c.differentiateInput !== false;
  const wanted = [filter, ...biases, ...(isWanted ? [x] : [])];
  const found = gradients(builder, new Map([[y, dy]]), wanted);
  const results = {
    y,
    dx: found.get(x),
    dFilter: found.get(filter),
    dBias: found.get(biases[0] ?? -1),
  };
  for (const [name, id] of Object.entries(results)) {
    if (id === undefined) continue;
    if (name === "dBias") {
      builder.opInto("Identity", [id], builder.persistent(name, "metric", builder.shape(id)));
    } else builder.retype(id, "metric", name);
  }
  return simplify(builder.build());
}

/** The values of `x filter bias dy`. */
export function layerInputs(c: ConvolutionCase, graph: Graph, seed = 1): Map<string, Float32Array> {
  const values = { ...ordinary, ...c.values };
  const written = new Map<string, Float32Array>();
  for (const [index, name] of (["x", "filter", "bias", "dy"] as const).entries()) {
    const tensor = graph.tensors.find((candidate) => candidate.name === name);
    if (!tensor) continue;
    const random = new RandomStream(seed + index, 0xca5e);
    const value = () => values[name](random);
    written.set(name, Float32Array.from({ length: sizeOf(tensor.shape) }, value));
  }
  return written;
}

const RESULTS = ["y", "dx", "dFilter", "dBias"] as const;
const GUARD = 16;
const GUARD_BYTES = 4 * GUARD;
const VECTOR_BYTES = 16;
const MARK = 77;

/** The same entry with marks around every block, which no kernel may touch. */
function guarded(entry: Entry): { readonly entry: Entry; readonly guards: readonly string[] } {
  const moved = (operand: Operand) => ({
    ...operand,
    byteOffset: operand.byteOffset + GUARD_BYTES,
  });
  const buffers = Object.entries(entry.buffers).map(([name, operand]) => [name, moved(operand)]);
  const guards = entry.blocks.flatMap(({ name, bytes }): [string, Operand][] => {
    const guard = { block: name, shape: [GUARD], dtype: "float32" } as const;
    // A block's end is where its longest tensor's is, to a vector.
    const end = GUARD_BYTES + Math.ceil(bytes / VECTOR_BYTES) * VECTOR_BYTES;
    return [
      [`before ${name}`, { ...guard, byteOffset: 0 }],
      [`behind ${name}`, { ...guard, byteOffset: end }],
    ];
  });
  const changed: Entry = {
    ...entry,
    blocks: entry.blocks.map((block) => ({
      ...block,
      bytes: block.bytes + 2 * GUARD_BYTES + VECTOR_BYTES,
    })),
    buffers: { ...Object.fromEntries(buffers), ...Object.fromEntries(guards) },
    constants: entry.constants.map(({ operand, value }) => ({ operand: moved(operand), value })),
    calls: entry.calls.map((call) => ({
      ...call,
      inputs: call.inputs.map(moved),
      outputs: call.outputs.map(moved),
    })),
  };
  return { entry: changed, guards: guards.map(([name]) => name) };
}

export interface LayerRun {
  /** Ops of the plan. */
  readonly ops: readonly string[];
  readonly results: ReadonlyMap<string, TypedArray>;
  /** Where something was written that is nobody's. */
  readonly touched: readonly string[];
}

/** Runs the layer twice, to see that nothing is left over from the first time. */
export async function runLayer(
  device: Device,
  graph: Graph,
  written: ReadonlyMap<string, Float32Array>,
): Promise<LayerRun> {
  const planned = planEntry("layer", graph, device.target);
  const ops = planned.calls.map(({ op }) => op);
  const names = RESULTS.filter((name) => name in planned.buffers);
  // Guards are written and read as floats of 4 bytes.
  const isGuarded = device.target.precision === 32;
  const { entry, guards } = isGuarded ? guarded(planned) : { entry: planned, guards: [] };
  const executable = await device.load({ entries: [entry] });
  try {
    for (const guard of guards) executable.write(guard, new Float32Array(GUARD).fill(MARK));
    for (const [name, values] of written) executable.write(name, values);
    for (const first of [0, 1]) executable.run("layer", { first, steps: 1 });
    const found = await executable.read([...names, ...guards]);
    const results = new Map(names.map((name, at) => [name, found[at] as TypedArray]));
    const touched = guards.filter((_, at) =>
      (found[names.length + at] as Float32Array).some((value) => value !== MARK),
    );
    return { ops, results, touched };
  } finally {
    executable.dispose();
  }
}

/** What differs, in words. */
export function faultsOf(found: LayerRun, wanted: LayerRun): string[] {
  const faults = found.touched.map((guard) => `wrote ${guard}`);
  for (const [name, right] of wanted.results) {
    const left = found.results.get(name) as TypedArray;
    const wrong = [...right].flatMap((value, index) => {
      const got = left[index] as number;
      const same = got === value || (Number.isNaN(got) && Number.isNaN(value));
      return same ? [] : [index];
    });
    if (wrong.length === 0) continue;
    const at = wrong[0] as number;
    faults.push(
      `${name}: ${wrong.length} of ${right.length}; [${at}] ${left[at]} not ${right[at]}`,
    );
  }
  return faults;
}
