/** Series of numbers: two waves with noise, whose next number is to be foretold. */
import type { RandomStream } from "@hone/core";
import type { DatasetPair } from "../official.js";
import { between, drawMade, type MadeOptions } from "./made-set.js";
import { MADE_STREAMS } from "./streams.js";

export const SINES = { train: 4000, test: 800, length: 48 } as const;

const NOISE = 0.05;

/**
 * Draws the set: x float32 [48, 1], y float32 [1], what the waves come to at the next moment, without the noise.
 * @throws BadArgument for counts or a seed out of range.
 */
export async function sines(options: MadeOptions = {}): Promise<DatasetPair> {
  const { length } = SINES;
  const made = {
    name: "sines",
    stream: MADE_STREAMS.sines,
    rows: SINES,
    x: { of: "numbers", shape: [length, 1] },
    y: { of: "numbers", shape: [1] },
    draw: (random: RandomStream, x: { [at: number]: number }, y: { [at: number]: number }) => {
      const waves = [between(random, 6, 14), between(random, 16, 40)].map((period) => ({
        height: between(random, 0.3, 1),
        speed: (2 * Math.PI) / period,
        phase: between(random, 0, 2 * Math.PI),
      }));
      const at = (moment: number) =>
        waves.reduce(
          (sum, wave) => sum + wave.height * Math.sin(wave.speed * moment + wave.phase),
          0,
        );
      for (let moment = 0; moment < length; moment++) {
        x[moment] = at(moment) + NOISE * random.nextNormal();
      }
      y[0] = at(length);
    },
  } as const;
  return drawMade(made, options);
}
