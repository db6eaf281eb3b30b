/**
 * Puts our backend in tfjs's engine for the length of a call, and everything back afterwards.
 *
 * The engine is given a shadow of its state and ours as current backend by setting its fields: `setBackend`
 * would set up the previous backend a second time, and fails while one is still starting. Our backend is
 * never in the engine's registry, so it cannot become anybody's default.
 */
import { engine, registerKernel, unregisterKernel } from "@tensorflow/tfjs-core";
import { HoneError } from "../errors.js";
import type { TypedArray } from "../typed-array.js";
import { KERNELS } from "./kernel-table.js";
import type {
  KernelAttributes,
  KernelInputs,
  ReadForeign,
  Recorder,
  TensorInfo,
} from "./recorder.js";
import { RecordingBackend } from "./recording-backend.js";
import { isVariable, type TensorLike } from "./tfjs-types.js";

interface Scope {
  readonly name: string;
}
interface EngineState {
  scopeStack: Scope[];
  activeScope: Scope | null;
  readonly registeredVariables: Readonly<Record<string, unknown>>;
  readonly tensorInfo: WeakMap<object, { readonly backend: unknown }>;
}
interface EngineLike {
  state: EngineState;
  backendName: string | null;
  backendInstance: unknown;
  pendingBackendInit: unknown;
  profiler: unknown;
  runKernel(name: string, inputs: KernelInputs, attributes?: KernelAttributes): unknown;
  runKernelFunc(parameters: { readonly kernelName?: string }): unknown;
  disposeTensor(tensor: TensorLike): void;
  makeTensorFromTensorInfo(info: TensorInfo, backend: unknown): TensorLike;
  readSync(dataId: object): ArrayLike<number>;
}

let traces = 0;
let recording: Recorder | undefined;

/** What records the trace that runs now; undefined outside of one. */
export function currentRecorder(): Recorder | undefined {
  return recording;
}

const theEngine = () => engine() as unknown as EngineLike;

/** Runs `body` on the recording backend, for the length of the call. @throws what was refused, whoever caught it meanwhile */
export function onRecorder<T>(recorder: Recorder, body: () => T): T {
  const backendName = `hone-trace-${++traces}`;
  const names = Object.keys(KERNELS);
  for (const kernelName of names) {
    const kernelFunc = ({ inputs, attrs }: { inputs: unknown; attrs?: unknown }) =>
      recorder.run(kernelName, inputs as KernelInputs, (attrs ?? {}) as KernelAttributes);
    registerKernel({ kernelName, backendName, kernelFunc: kernelFunc as never });
  }
  const target = theEngine();
  const restore = exchange(target, {
    state: shadowOf(target.state),
    backendName,
    backendInstance: new RecordingBackend(recorder, () => target.state.scopeStack),
    pendingBackendInit: null,
    profiler: {
      profileKernel: (_name: string, _inputs: unknown, run: () => unknown) => ({ outputs: run() }),
      logKernelProfile: () => {},
    },
    ...refusals(target, recorder),
  });
  const outer = recording;
  recording = recorder;
  try {
    const result = body();
    if (recorder.refusal) throw recorder.refusal;
    return result;
  } catch (error) {
    throw recorder.refusal ?? error;
  } finally {
    recording = outer;
    restore();
    for (const kernelName of names) unregisterKernel(kernelName, backendName);
  }
}

/** Reads through to the engine's state; everything written stays in the shadow. */
function shadowOf(state: EngineState): EngineState {
  return Object.assign(Object.create(state) as EngineState, {
    scopeStack: [],
    activeScope: null,
    registeredVariables: { ...state.registeredVariables },
    gradientDepth: 0,
    kernelDepth: 0,
    numDataMovesStack: [],
    profiling: false,
  });
}

/** The engine's methods that must not do their usual work on a tensor without values. */
function refusals(target: EngineLike, recorder: Recorder): Partial<EngineLike> {
  const runKernel = target.runKernel.bind(target);
  const runKernelFunc = target.runKernelFunc.bind(target);
  const disposeTensor = target.disposeTensor.bind(target);
  return {
    runKernel: (name, inputs, attributes) =>
      Object.hasOwn(KERNELS, name)
        ? runKernel(name, inputs, attributes)
        : recorder.refuseKernel(name),
    runKernelFunc: (parameters) => {
      // tfjs's own ops use customGrad too, always inside the scope of an op.
      const own = target.state.activeScope?.name.endsWith("__op") === true;
      if (parameters.kernelName === undefined && !own) {
        recorder.refuse(
          "gives a gradient of its own with tf.customGrad, which Hone would not use. Write the layer with plain operations",
        );
      }
      return runKernelFunc(parameters);
    },
    disposeTensor: (tensor) => {
      if (recorder.owns(tensor.dataId) || !target.state.tensorInfo.has(tensor.dataId)) {
        return disposeTensor(tensor);
      }
      recorder.refuse(
        isVariable(tensor)
          ? `changes the variable "${tensor.name}" when it is called. ${stateAdvice(recorder)}`
          : "disposes a tensor made outside the call. Keep it, or make it inside",
      );
    },
  };
}

const stateAdvice = ({ followsLayers }: Recorder) =>
  followsLayers
    ? "Layers that keep state cannot be compiled: use BatchNormalization or a layer without state"
    : "If a BatchNormalization layer does, give its model, rather than its weights, as `variables`";

/** Sets fields of the engine. @returns what puts them back */
function exchange(target: EngineLike, changes: Partial<EngineLike>): () => void {
  const before = Object.keys(changes).map(
    (key) => [key, Object.getOwnPropertyDescriptor(target, key)] as const,
  );
  Object.assign(target, changes);
  return () => {
    for (const [key, descriptor] of before) {
      if (descriptor) Object.defineProperty(target, key, descriptor);
      else delete (target as unknown as Record<string, unknown>)[key];
    }
  };
}

/** A tfjs tensor for `info`, on the backend now in place. */
export function tensorFrom(info: TensorInfo): TensorLike {
  const target = theEngine();
  return target.makeTensorFromTensorInfo(info, target.backendInstance);
}

/** Reads tensors of other tfjs backends, each once. */
export function foreignReader(): ReadForeign {
  const known = new Map<object, TypedArray>();
  return (tensor, where) => {
    const values = known.get(tensor.dataId) ?? readForeign(tensor, where);
    known.set(tensor.dataId, values);
    return values;
  };
}

function readForeign(tensor: TensorLike, where: string): TypedArray {
  try {
    return Float32Array.from(theEngine().readSync(tensor.dataId));
  } catch (cause) {
    const what = `uses a tensor [${tensor.shape}] made outside whose values cannot be read. Make it a weight, or make it inside call.`;
    throw new HoneError("UnsupportedModel", where, what, { cause });
  }
}
