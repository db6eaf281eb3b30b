/** tfjs's SimpleRNN, step by step: h ← activation(z + h · kernel). */
import type { Node } from "../types.js";
import type { GraphWriter } from "../writer.js";
import { activationOf, LayerSteps } from "./recurrent-steps.js";

export function simpleSteps(builder: GraphWriter, { inputs, outputs, attributes }: Node): void {
  const [z, kernel, h0] = inputs as readonly [number, number, number];
  const activation = activationOf(attributes, "activation");
  const m = new LayerSteps(builder);
  let h = h0;
  const states = Array.from({ length: builder.shape(z)[0] as number }, (_, step) => {
    h = m.activate(activation, m.add(m.at(z, step), m.product(h, kernel)));
    return h;
  });
  m.stackInto(states, outputs[0] as number);
}

export function simpleGradSteps(builder: GraphWriter, { inputs, outputs, attributes }: Node): void {
  const [kernel, h, dh] = inputs as readonly [number, number, number];
  const [dz, dh0] = outputs as readonly [number, number];
  const activation = activationOf(attributes, "activation");
  const m = new LayerSteps(builder);
  const found: number[] = [];
  let fromLater: number | undefined;
  for (let step = (builder.shape(h)[0] as number) - 1; step >= 0; step--) {
    const given = m.at(dh, step);
    const all = fromLater === undefined ? given : m.add(given, fromLater);
    const dZ = m.slope(activation, m.at(h, step), all);
    found.unshift(dZ);
    fromLater = m.product(dZ, kernel, true);
  }
  m.stackInto(found, dz);
  builder.opInto("Identity", [fromLater as number], dh0);
}
