/**
 * tfjs's LSTM, step by step, gates in the order input, forget, candidate, output:
 * i, f, g, o = activations of z + h · kernel; c ← f · c + i · g; h ← o · activation(c).
 */
import type { Node } from "../types.js";
import type { GraphWriter } from "../writer.js";
import { activationsOf, LayerSteps } from "./recurrent-steps.js";

export function lstmSteps(builder: GraphWriter, { inputs, outputs, attributes }: Node): void {
  const [z, kernel, h0, c0] = inputs as readonly [number, number, number, number];
  const [activation, recurrent] = activationsOf(attributes);
  const m = new LayerSteps(builder);
  const found: { h: number[]; c: number[]; gates: number[] } = { h: [], c: [], gates: [] };
  let [h, c] = [h0, c0];
  for (let step = 0; step < (builder.shape(z)[0] as number); step++) {
    const sums = m.add(m.at(z, step), m.product(h, kernel));
    const i = m.activate(recurrent, m.part(sums, 0, 4));
    const f = m.activate(recurrent, m.part(sums, 1, 4));
    const g = m.activate(activation, m.part(sums, 2, 4));
    const o = m.activate(recurrent, m.part(sums, 3, 4));
    c = m.add(m.mul(f, c), m.mul(i, g));
    h = m.mul(o, m.activate(activation, c));
    found.h.push(h);
    found.c.push(c);
    found.gates.push(m.joined([i, f, g, o]));
  }
  const lists = [found.h, found.c, found.gates];
  for (const [at, list] of lists.entries()) m.stackInto(list, outputs[at] as number);
}

export function lstmGradSteps(builder: GraphWriter, { inputs, outputs, attributes }: Node): void {
  const [kernel, c0, gates, c, dc, dh] = inputs as readonly number[] as [
    ...[kernel: number, c0: number, gates: number, c: number, dc: number, dh: number],
  ];
  const [dz, dh0, dc0] = outputs as readonly [number, number, number];
  const [activation, recurrent] = activationsOf(attributes);
  const m = new LayerSteps(builder);
  const found: number[] = [];
  let later: { readonly dh: number; readonly dc: number } | undefined;
  for (let step = (builder.shape(c)[0] as number) - 1; step >= 0; step--) {
    const own = m.at(gates, step);
    const [i, f, g, o] = [0, 1, 2, 3].map((at) => m.part(own, at, 4)) as [
      ...[i: number, f: number, g: number, o: number],
    ];
    const before = step > 0 ? m.at(c, step - 1) : c0;
    const active = m.activate(activation, m.at(c, step));
    const toH = later ? m.add(m.at(dh, step), later.dh) : m.at(dh, step);
    const given = later ? m.add(m.at(dc, step), later.dc) : m.at(dc, step);
    const toC = m.add(given, m.slope(activation, active, m.mul(toH, o)));
    const dZ = m.joined([
      m.slope(recurrent, i, m.mul(toC, g)),
      m.slope(recurrent, f, m.mul(toC, before)),
      m.slope(activation, g, m.mul(toC, i)),
      m.slope(recurrent, o, m.mul(toH, active)),
    ]);
    found.unshift(dZ);
    later = { dh: m.product(dZ, kernel, true), dc: m.mul(toC, f) };
  }
  m.stackInto(found, dz);
  builder.opInto("Identity", [later?.dh as number], dh0);
  builder.opInto("Identity", [later?.dc as number], dc0);
}
