/**
 * Sessions that share weights: one trains what another predicts with, or each trains its part of one model.
 *
 * Each session has its weights on its own; what another has moved since is fetched before they are used. A weight is
 * moved by the sessions in which it is trainable or a moving statistic, and by `setWeights`.
 */
import { HoneError } from "../errors.js";
import type { WeightInfo } from "../graph/template.js";
import type { TypedArray } from "../typed-array.js";
import type { Home } from "./home.js";

/** One session's part in a group. */
export interface Membership {
  /** Fetches what others have moved. @returns whether there was something */
  bring(): Promise<boolean>;
  /** Tells that this one has moved its weights: those it trains, or all of them. */
  moved(which: "trained" | "all"): void;
}

/** Where a session's weights are, and how others read them. */
interface Place {
  readonly home: Home;
  /** All of them, in their order, wherever the session has moved. */
  readonly read: () => Promise<TypedArray[]>;
}

interface Member extends Place {
  readonly weights: readonly WeightInfo[];
  /** Stands for each weight: the same object in every member that has it. */
  readonly variables: readonly object[];
  /** Which move of a weight this member has. */
  readonly has: Map<object, number>;
}

interface Move {
  readonly by: Member;
  readonly number: number;
}

export class SharedWeights {
  readonly #members: Member[] = [];
  readonly #moves = new Map<object, Move>();
  #count = 0;

  /** @throws BadArgument when it has no weight in common with those that are there */
  join(place: Place, weights: readonly WeightInfo[], variables: readonly object[]): Membership {
    const member: Member = { ...place, weights, variables, has: new Map() };
    const others = this.#members.flatMap((other) => other.variables);
    if (others.length > 0 && !variables.some((variable) => others.includes(variable))) {
      const what =
        "the models have no weight in common. Share between models that use the same layers.";
      throw new HoneError("BadArgument", "compile", what);
    }
    this.#members.push(member);
    let turn: Promise<unknown> = Promise.resolve();
    return {
      bring: () => {
        const now = turn.then(() => this.#bring(member));
        turn = now.catch(() => undefined);
        return now;
      },
      moved: (which) => this.#moved(member, which),
    };
  }

  #moved(member: Member, which: "trained" | "all"): void {
    if (this.#members.length < 2) return;
    const move = { by: member, number: ++this.#count };
    for (const [index, variable] of member.variables.entries()) {
      const { trainable, role } = member.weights[index] as WeightInfo;
      if (which === "trained" && !trainable && role !== "state") continue;
      this.#moves.set(variable, move);
      member.has.set(variable, move.number);
    }
  }

  async #bring(member: Member): Promise<boolean> {
    const wanted = new Map<Member, number[]>();
    for (const [index, variable] of member.variables.entries()) {
      const move = this.#moves.get(variable);
      if (!move || move.by === member || member.has.get(variable) === move.number) continue;
      wanted.set(move.by, [...(wanted.get(move.by) ?? []), index]);
    }
    if (wanted.size === 0) return false;
    const own = await member.read();
    for (const [other, indexes] of wanted) {
      const values = await other.read();
      for (const index of indexes) {
        const variable = member.variables[index] as object;
        own[index] = values[other.variables.indexOf(variable)] as TypedArray;
        member.has.set(variable, this.#moves.get(variable)?.number ?? 0);
      }
    }
    (await member.home.settled()).writeWeights(own);
    return true;
  }
}
