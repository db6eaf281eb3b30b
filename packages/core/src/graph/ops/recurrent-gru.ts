/**
 * tfjs's GRU, which resets the state before its product, step by step, gates in the order update, reset, candidate:
 * u, r = recurrent activations of z + h · kernel; n = activation of z + (r · h) · kernel; h ← u · h + (1 − u) · n.
 */
import type { Node } from "../types.js";
import type { GraphWriter } from "../writer.js";
import { activationsOf, LayerSteps } from "./recurrent-steps.js";

export function gruSteps(builder: GraphWriter, { inputs, outputs, attributes }: Node): void {
  const [z, kernel, h0] = inputs as readonly [number, number, number];
  const [activation, recurrent] = activationsOf(attributes);
  const m = new LayerSteps(builder);
  const [gateKernel, ownKernel] = [m.part(kernel, 0, 3, 2), m.part(kernel, 2, 3)];
  const found: { h: number[]; gates: number[] } = { h: [], gates: [] };
  let h = h0;
  for (let step = 0; step < (builder.shape(z)[0] as number); step++) {
    const given = m.at(z, step);
    const sums = m.add(m.part(given, 0, 3, 2), m.product(h, gateKernel));
    const gates = m.activate(recurrent, sums);
    const [u, r] = [m.part(gates, 0, 2), m.part(gates, 1, 2)];
    const own = m.add(m.part(given, 2, 3), m.product(m.mul(r, h), ownKernel));
    const n = m.activate(activation, own);
    h = m.add(m.mul(u, h), m.mul(m.rest(u), n));
    found.h.push(h);
    found.gates.push(m.joined([gates, n]));
  }
  m.stackInto(found.h, outputs[0] as number);
  m.stackInto(found.gates, outputs[1] as number);
}

export function gruGradSteps(builder: GraphWriter, { inputs, outputs, attributes }: Node): void {
  const [kernel, h0, gates, h, dh] = inputs as readonly number[] as [
    ...[kernel: number, h0: number, gates: number, h: number, dh: number],
  ];
  const [dz, dh0] = outputs as readonly [number, number];
  const [activation, recurrent] = activationsOf(attributes);
  const m = new LayerSteps(builder);
  const [gateKernel, ownKernel] = [m.part(kernel, 0, 3, 2), m.part(kernel, 2, 3)];
  const found: number[] = [];
  let later: number | undefined;
  for (let step = (builder.shape(h)[0] as number) - 1; step >= 0; step--) {
    const own = m.at(gates, step);
    const [u, r, n] = [0, 1, 2].map((at) => m.part(own, at, 3)) as [
      u: number,
      r: number,
      n: number,
    ];
    const before = step > 0 ? m.at(h, step - 1) : h0;
    const toH = later === undefined ? m.at(dh, step) : m.add(m.at(dh, step), later);
    const toU = m.slope(recurrent, u, m.mul(toH, m.sub(before, n)));
    const toN = m.slope(activation, n, m.mul(toH, m.rest(u)));
    const toReset = m.product(toN, ownKernel, true);
    const toR = m.slope(recurrent, r, m.mul(toReset, before));
    const toGates = m.joined([toU, toR]);
    found.unshift(m.joined([toGates, toN]));
    const direct = m.add(m.mul(toH, u), m.mul(toReset, r));
    later = m.add(direct, m.product(toGates, gateKernel, true));
  }
  m.stackInto(found, dz);
  builder.opInto("Identity", [later as number], dh0);
}
