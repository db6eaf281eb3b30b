/**
 * First weights by a seed, as tfjs-layers draws them: the same bits as the zoo's models have from that seed, so that what
 * the page trains is what the code that it shows trains.
 */
import alea from "seedrandom/lib/alea.js";

/** How one weight is drawn; `seed` is that of a model whose own seed is 0. */
export interface WeightSpec {
  readonly label: string;
  readonly shape: readonly number[];
  readonly draw: "glorotUniform" | "zeros" | "ones";
  readonly seed?: number;
}

/** The zoo's models of neighbouring seeds draw from seeds this far apart. */
const SEEDS_PER_MODEL = 1000;

export function drawWeight(spec: WeightSpec, modelSeed: number): Float32Array {
  const { shape, draw, seed = 0 } = spec;
  const values = new Float32Array(shape.reduce((product, extent) => product * extent, 1));
  if (draw === "ones") return values.fill(1);
  if (draw === "zeros") return values;
  // Glorot and Bengio 2010: uniform, with the variance 2 / (fan in + fan out).
  const receptive = shape.slice(0, -2).reduce((product, extent) => product * extent, 1);
  const fans = receptive * ((shape.at(-2) ?? 1) + (shape.at(-1) ?? 1));
  const limit = Math.sqrt(3 / Math.max(1, fans / 2));
  const random = alea(`${modelSeed * SEEDS_PER_MODEL + seed}`);
  // The range and then the sum, as tfjs rounds them.
  const range = limit - -limit;
  for (let index = 0; index < values.length; index++) values[index] = -limit + range * random();
  return values;
}
