/**
 * Deep Q-learning on a small grid world, by `program`: an online network learns, and a target network, which nothing
 * moves, takes over its weights now and then.
 */
import { adam, program, RandomStream } from "@hone/core";
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { layers, sequential } from "@tensorflow/tfjs-layers";

const SIDE = 5;
const CELLS = SIDE * SIDE;
const HOLES = [7, 11, 18];
const GOAL = CELLS - 1;
const MOVES = [-SIDE, 1, SIDE, -1];

/** Where a move leads, what it earns, and whether the walk goes on. */
export function walk(cell, move) {
  const atEdge = (move === 1 && cell % SIDE === SIDE - 1) || (move === 3 && cell % SIDE === 0);
  const next = cell + (atEdge ? 0 : MOVES[move]);
  const to = next < 0 || next >= CELLS ? cell : next;
  const reward = to === GOAL ? 1 : HOLES.includes(to) ? -1 : -0.02;
  return { to, reward, going: to === GOAL || HOLES.includes(to) ? 0 : 1 };
}

const oneHot = (values, width) =>
  values.map((value) => Array.from({ length: width }, (_, at) => Number(at === value)));

const network = (seed) => {
  const kernelInitializer = { className: "GlorotUniform", config: { seed } };
  const hidden = { units: 32, inputShape: [CELLS], activation: "relu", kernelInitializer };
  return sequential({
    layers: [layers.dense(hidden), layers.dense({ units: MOVES.length, kernelInitializer })],
  });
};

/** Learns for `steps` steps. @returns the way it then goes from the first cell, at most 20 moves long */
export async function solveGrid({ device, steps = 2500, seed = 3 }) {
  const random = new RandomStream(seed, 1);
  const [online, target] = [network(seed), network(seed + 1)];
  const loss = ({ state, move, reward, next, going }) => {
    const best = tf.mul(tf.max(target.apply(next), 1, true), going);
    const valued = tf.sum(tf.mul(online.apply(state), move), 1, true);
    return tf.losses.huberLoss(tf.add(reward, tf.mul(best, 0.95)), valued);
  };
  const agent = await program({
    device,
    seed,
    inputs: { state: [CELLS], move: [MOVES.length], reward: [1], next: [CELLS], going: [1] },
    functions: {
      learn: { minimize: loss, variables: online, optimizer: adam(5e-3) },
      values: { compute: ({ state }) => online.apply(state) },
    },
  });
  const bestMove = async (cell) => {
    const { data } = await agent.run("values", { state: oneHot([cell], CELLS) });
    return data.indexOf(Math.max(...data));
  };
  const seen = [];
  for (let step = 0, cell = 0; step < steps; step++) {
    const curious = random.nextFloat() < Math.max(0.1, 1 - (2 * step) / steps);
    const move = curious ? random.nextInteger(MOVES.length) : await bestMove(cell);
    seen.push({ cell, move, ...walk(cell, move) });
    cell = seen.at(-1).going && step % 25 > 0 ? seen.at(-1).to : random.nextInteger(GOAL);
    if (step % 50 === 0) await agent.assign(target, online);
    const batch = Array.from({ length: 32 }, () => seen[random.nextInteger(seen.length)]);
    const column = (name) => batch.map((one) => one[name]);
    const [state, next] = [oneHot(column("cell"), CELLS), oneHot(column("to"), CELLS)];
    const [reward, going] = [column("reward"), column("going")];
    await agent.run("learn", { state, move: oneHot(column("move"), 4), reward, next, going });
  }
  const way = [0];
  for (let going = 1, to; going && way.length <= 20; way.push(to)) {
    ({ to, going } = walk(way.at(-1), await bestMove(way.at(-1))));
  }
  agent.close();
  return way;
}
