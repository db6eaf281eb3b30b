/** A head over a frozen MobileNet: Hone, which computes the front once a row, against tfjs's `fit`, and its form by hand. */
import { runScript } from "./fresh-process.mjs";
import { report, takeTurns, usableThreads } from "./rounds.mjs";

const MOST_PICTURES = 1000;
/** Of tfjs's `fit`: each takes as long as the one before. */
const FIT_EPOCHS = 1;

/** @returns figures and ratios of Hone, at each count of threads, over tfjs by hand (features first) and by `fit` */
export async function compareTfjs(options, say) {
  const { epochs, limit, rounds } = options;
  const pictures = Math.min(limit, MOST_PICTURES);
  const run = async (given) => {
    const result = await runScript("rivals/frozen-head.mjs", { pictures, epochs, ...given });
    return (pictures * (given.epochs ?? epochs)) / result.seconds;
  };
  const trial = (threads) => run({ engine: "hone", pictures: 32, epochs: 1, threads });
  const threads = await usableThreads(options.threads, trial, say);
  const hone = threads.map((count) => ({
    name: `hone, ${count} thread${count === 1 ? "" : "s"}`,
    run: () => run({ engine: "hone", threads: count }),
  }));
  const rivals = [
    { name: "tfjs-wasm, features first", run: () => run({ engine: "tfjs-features" }) },
    { name: "tfjs-wasm, fit", run: () => run({ engine: "tfjs", epochs: FIT_EPOCHS }) },
  ];
  const figures = await takeTurns([...hone, ...rivals], rounds, say);
  const names = hone.map(({ name }) => name);
  const reports = rivals.map((rival) => {
    const own = new Map([...figures].filter(([name]) => [...names, rival.name].includes(name)));
    return report(own, { hone: names, rival: rival.name, unit: "images/s" });
  });
  return { pictures, epochs, reports };
}
