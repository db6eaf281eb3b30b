declare module "seedrandom/lib/alea.js" {
  /** Johannes Baagøe's generator: numbers in [0, 1). */
  const alea: (seed: string) => () => number;
  export = alea;
}
