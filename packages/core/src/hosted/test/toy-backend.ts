/**
 * A real backend of six ops, small enough to read, for the tests of `hosted`. It computes at once,
 * inside `run`, and can misbehave in every way a worker can.
 */
import type {
  Backend,
  Call,
  Device,
  DeviceLost,
  Entry,
  Executable,
  Resident,
  TypedArray,
} from "../../backend.js";
import { HoneError } from "../../errors.js";

type Blocks = Map<string, Float32Array>;

/** Each op changes `array`, its first output, in place. */
const ops: Readonly<Record<string, (array: Float32Array, step: number, call: Call) => void>> = {
  /** A sum in float32 whose last bits depend on the order of the steps. */
  Accumulate(array, step) {
    for (let i = 0; i < array.length; i++) array[i] = (array[i] ?? 0) * 1.1 + Math.sin(step + i);
  },
  Spin(_array, _step, call) {
    const end = performance.now() + Number(call.attributes.ms);
    while (performance.now() < end);
  },
  Fail() {
    const cause = new RangeError("the cause", { cause: "its own cause" });
    throw new HoneError("BadData", "toy", "a step failed. Give it better data.", { cause });
  },
  Throw() {
    throw new TypeError("a plain error");
  },
  ThrowOutside() {
    setTimeout(() => {
      throw new Error("thrown where nobody catches.");
    });
  },
  RejectOutside() {
    void Promise.reject(new Error("rejected where nobody catches."));
  },
};

/** `name` "toy-missing" cannot be opened. */
export function toyBackend(name = "toy"): Backend {
  const info = {
    backend: name,
    description: "toy",
    kind: "cpu",
    numerics: "toy",
    threads: 1,
  } as const;
  const reason = "there is no such toy";
  const hint = "Buy one.";
  return {
    name,
    specVersion: 1,
    probe: async () => (name === "toy" ? { ok: true, info } : { ok: false, reason, hint }),
    async open() {
      if (name === "toy") return toyDevice(info);
      throw new HoneError("BackendUnavailable", name, `${reason}. ${hint}`);
    },
  };
}

function toyDevice(info: Device["info"]): Device {
  let lose: (lost: DeviceLost) => void = () => {};
  const lost = new Promise<DeviceLost>((resolve) => {
    lose = resolve;
  });
  const allocations = new Map<object, number>();
  return {
    info,
    target: {
      specVersion: 1,
      alignmentBytes: 16,
      precision: 32,
      ops: Object.keys(ops),
      maxBlockBytes: 4 << 20,
    },
    lost,
    async load(program) {
      const executable = toyExecutable(allocations);
      for (const entry of program.entries) await executable.prepare(entry);
      return executable;
    },
    async upload(columns) {
      const rows = Object.values(columns).map(({ data, rowLength }) => data.length / rowLength);
      const bytes = Object.values(columns).reduce((sum, { data }) => sum + data.byteLength, 0);
      const copies = Object.entries(columns).map(([key, { data }]) => [key, data.slice()] as const);
      const resident: ToyResident = {
        rows: rows[0] ?? 0,
        columns: new Map(copies),
        dispose: () => allocations.delete(resident),
      };
      allocations.set(resident, bytes);
      // As a GPU does, which has to agree first.
      if ("late" in columns) await new Promise((resolve) => setTimeout(resolve, 20));
      return resident;
    },
    async memory() {
      const bytes = [...allocations.values()].reduce((sum, size) => sum + size, 0);
      return { bytes, allocations: allocations.size };
    },
    async close() {
      lose({ reason: "the toy was closed", expected: true });
    },
  };
}

interface ToyResident extends Resident {
  readonly columns: ReadonlyMap<string, ArrayLike<number>>;
}

function toyExecutable(allocations: Map<object, number>): Executable {
  const blocks: Blocks = new Map();
  const entries = new Map<string, Entry>();
  let failure: { readonly error: unknown } | undefined;
  const throwFailure = () => {
    const thrown = failure;
    failure = undefined;
    if (thrown !== undefined) throw thrown.error;
  };
  const block = (name: string): Float32Array => {
    const found = blocks.get(name);
    if (found !== undefined) return found;
    throw new HoneError("BadArgument", "toy", `no buffer is called "${name}". Use one that is.`);
  };
  return {
    async prepare(entry) {
      entries.set(entry.name, entry);
      for (const { name, bytes } of entry.blocks) {
        if (!blocks.has(name)) blocks.set(name, new Float32Array(bytes / 4));
        allocations.set(block(name), bytes);
      }
    },
    // `bind` and `write` throw at once, `run` later: `hosted` must make the same of both.
    bind(input, data) {
      const column = (data as ToyResident).columns.get(input);
      if (column !== undefined) blocks.set(input, Float32Array.from(column));
      else throw new HoneError("BadArgument", "toy", `no column "${input}". Upload one.`);
    },
    write(buffer, data: TypedArray) {
      block(buffer).set(data);
    },
    run(name, { first, steps }) {
      try {
        for (let step = first; step < first + steps; step++) {
          for (const call of entries.get(name)?.calls ?? []) {
            ops[call.op]?.(block(call.outputs[0]?.block ?? ""), step, call);
          }
        }
      } catch (error) {
        failure ??= { error };
      }
    },
    async read(buffers) {
      throwFailure();
      return buffers.map((name) => block(name).slice());
    },
    async sync() {
      throwFailure();
    },
    forget(name) {
      const forgotten = entries.get(name);
      entries.delete(name);
      const named = [...entries.values()].flatMap(({ blocks }) => blocks.map((one) => one.name));
      for (const { name: title } of forgotten?.blocks ?? []) {
        if (named.includes(title)) continue;
        allocations.delete(block(title));
        blocks.delete(title);
      }
    },
    dispose() {
      for (const array of blocks.values()) allocations.delete(array);
    },
  };
}
