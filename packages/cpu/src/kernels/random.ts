/** Random numbers, four to a block of the generator; in doubles whatever the device's precision. */
import { firstBlockOf, HoneError, numberAttribute, philox } from "@hone/core/backend";
import { floatOutput, integerInput, type KernelFactory, type KernelTable } from "./kernel.js";

const UNIT = 2 ** -24;

/** Four numbers from the four words of a block. */
type Draw = (numbers: Float64Array, words: Uint32Array) => void;

const uniform: Draw = (numbers, words) => {
  for (let lane = 0; lane < 4; lane++) numbers[lane] = ((words[lane] as number) >>> 8) * UNIT;
};

/** Box and Muller on both pairs; the word of the logarithm never counts as 0. */
const normal: Draw = (numbers, words) => {
  for (let pair = 0; pair < 4; pair += 2) {
    const radius = Math.sqrt(-2 * Math.log((((words[pair] as number) >>> 8) + 1) * UNIT));
    const angle = 2 * Math.PI * ((words[pair + 1] as number) >>> 8) * UNIT;
    numbers[pair] = radius * Math.cos(angle);
    numbers[pair + 1] = radius * Math.sin(angle);
  }
};

const DRAWS: Readonly<Record<string, Draw>> = { uniform, normal };

const random: KernelFactory = (call, views) => {
  const seed = integerInput(call, views, 0);
  const y = floatOutput(call, views);
  const ordinal = numberAttribute(call, "ordinal");
  const first = firstBlockOf(call);
  const { distribution } = call.attributes;
  const draw = DRAWS[`${distribution}`];
  if (!draw) throw new HoneError("Internal", "Random", `no distribution "${distribution}".`);
  const words = new Uint32Array(4);
  const numbers = new Float64Array(4);
  const size = y.length;
  return (step) => {
    const key = seed[0] as number;
    for (let i = 0; i < size; i++) {
      const lane = i % 4;
      if (lane === 0) {
        philox(words, first + i / 4, step, 0, 0, key, ordinal);
        draw(numbers, words);
      }
      y[i] = numbers[lane] as number;
    }
  };
};

export const randomKernels: KernelTable = { Random: random };
