/** Devices made wrong on purpose: a right backend, altered. */
import type { Alteration as Sabotage } from "@hone/conformance/testing";
import type { TypedArray } from "../../backend.js";

export {
  type Alteration as Sabotage,
  alteredBackend as sabotaged,
} from "@hone/conformance/testing";

/** The gradient of one kind of call is never computed, and stays zero. */
export const zeroedGradient = (op: string): Sabotage => ({
  entry: (entry) => ({ ...entry, calls: entry.calls.filter((call) => call.op !== op) }),
});

/** Weights of two axes arrive with these exchanged, and are given back so that nobody notices. */
export const transposedWeight: Sabotage = {
  entry: (entry) => ({
    ...entry,
    calls: entry.calls.map((call) =>
      call.op === "BatchMatMul" && call.inputs[1]?.block.startsWith("parameter")
        ? { ...call, attributes: { ...call.attributes, transposeB: !call.attributes.transposeB } }
        : call,
    ),
  }),
};

/** Whatever has as many values as `length` says is put back after each run. */
export const neverUpdated = (buffer: string): Sabotage => ({
  executable: (inner) => {
    let kept: TypedArray | undefined;
    return {
      write: (name, data) => {
        if (name === buffer) kept = data.slice() as TypedArray;
        inner.write(name, data);
      },
      run: (entry, range) => {
        inner.run(entry, range);
        if (kept && entry.startsWith("train")) inner.write(buffer, kept);
      },
    };
  },
});

/** From the third step on the ring holds NaN. */
export const nanAtStepThree: Sabotage = {
  executable: (inner) => {
    let steps = 0;
    return {
      run: (entry, range) => {
        inner.run(entry, range);
        if (entry.startsWith("train")) steps = range.first + range.steps;
      },
      read: async (names) => {
        const read = await inner.read(names);
        const ring = read[names.indexOf("metrics")];
        if (ring && steps > 2) ring.fill(Number.NaN, 6, 3 * steps);
        return read;
      },
    };
  },
};

export const hangsInSync: Sabotage = {
  executable: () => ({ sync: () => new Promise<void>(() => undefined) }),
};

export const throwsInLoad: Sabotage = {
  device: () => ({ load: () => Promise.reject(new Error("out of registers")) }),
};

/** tanh in the place of every relu whose result has this shape, and that a Map computes. */
export const tanhForRelu = (shape: readonly number[]): Sabotage => ({
  entry: (entry) => ({
    ...entry,
    calls: entry.calls.map((call) => {
      const { code } = call.attributes;
      if (typeof code !== "string" || `${call.outputs[0]?.shape}` !== `${shape}`) return call;
      const changed = code.replace(/Maximum (\d+) \d+/, "Tanh $1");
      return { ...call, attributes: { ...call.attributes, code: changed } };
    }),
  }),
});
