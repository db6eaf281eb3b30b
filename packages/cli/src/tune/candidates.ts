/** The configurations a search tries, by trial number: a function of space, search and seed alone. */
import { HoneError, permutation, RandomStream } from "@hone/core";
import {
  type Configuration,
  isRange,
  isWhole,
  type ParameterRange,
  type SearchSpace,
} from "./space.js";

/** Trial t draws from an epoch of its own of this stream, so that no draw moves another. */
const DRAW_STREAM = 0xffff0101;

export const mostTrials = 100_000;

/** Points of the grid; undefined for a space with a range. */
export function gridSize({ parameters }: SearchSpace): number | undefined {
  let size = 1;
  for (const parameter of Object.values(parameters)) {
    if (isRange(parameter)) return undefined;
    size *= parameter.length;
  }
  return size;
}

/**
 * All points, the last parameter turning fastest.
 * @throws BadArgument for a range, or too many points
 */
export function grid(space: SearchSpace, where: string): readonly Configuration[] {
  const size = gridSize(space);
  if (size === undefined) {
    const [name] = Object.entries(space.parameters).find(([, value]) => isRange(value))!;
    const what = `"${name}" is a range, and a grid needs a list of choices. Give one, or draw with --trials N.`;
    throw new HoneError("BadArgument", where, what);
  }
  if (size > mostTrials) {
    const what = `its grid has ${size} points, and at most ${mostTrials} are tried. Give fewer choices, or --search random.`;
    throw new HoneError("BadArgument", where, what);
  }
  return Array.from({ length: size }, (_, index) => gridPoint(space, index));
}

function gridPoint({ parameters }: SearchSpace, index: number): Configuration {
  let rest = index;
  const settings = Object.entries(parameters)
    .reverse()
    .map(([name, choices]) => {
      if (isRange(choices)) throw new HoneError("Internal", "tune", "a grid over a range.");
      const choice = choices[rest % choices.length]!;
      rest = Math.floor(rest / choices.length);
      return [name, choice] as const;
    });
  return Object.fromEntries(settings.reverse());
}

/**
 * `trials` random configurations. More trials begin with the same ones. A space of lists alone is drawn without
 * repetition.
 * @throws BadArgument for more trials than such a space has points
 */
export function draws(
  space: SearchSpace,
  trials: number,
  seed: number,
  where: string,
): readonly Configuration[] {
  const size = gridSize(space);
  if (size !== undefined && size < trials) {
    const what = `it has ${size} points, and --trials asks for ${trials}. Ask for at most ${size}.`;
    throw new HoneError("BadArgument", where, what);
  }
  if (size !== undefined && size <= mostTrials) {
    const order = permutation(size, seed, 0);
    return Array.from({ length: trials }, (_, index) => gridPoint(space, order[index] as number));
  }
  return Array.from({ length: trials }, (_, index) => draw(space, seed, index + 1));
}

function draw(space: SearchSpace, seed: number, trial: number): Configuration {
  const random = new RandomStream(seed, DRAW_STREAM, trial);
  const settings = Object.entries(space.parameters).map(([name, parameter]) => {
    if (!isRange(parameter))
      return [name, parameter[random.nextInteger(parameter.length)]!] as const;
    return [name, within(parameter, random.nextFloat(), isWhole(space, name))] as const;
  });
  return Object.fromEntries(settings);
}

function within({ from, to, scale }: ParameterRange, share: number, whole: boolean): number {
  // Whole numbers get equal stretches of the line, the two at its ends too.
  const [low, high] = whole ? [from - 0.5, to + 0.5] : [from, to];
  const value =
    scale === "log"
      ? Math.exp(Math.log(low) + share * (Math.log(high) - Math.log(low)))
      : low + share * (high - low);
  // Six digits are fine enough, and hide how an engine rounds its last ones.
  const rounded = whole ? Math.round(value) : Number(value.toPrecision(6));
  return Math.min(to, Math.max(from, rounded));
}
