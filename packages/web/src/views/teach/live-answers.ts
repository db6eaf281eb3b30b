/** Asks again and again what the network takes the picture for, one question at a time. */
import type { House } from "../../view.js";
import type { KeptPicture } from "./examples.js";

const EVERY_MS = 80;

export interface Asked {
  readonly picture: () => Promise<KeptPicture | undefined>;
  readonly shares: (picture: KeptPicture) => Promise<readonly number[] | undefined>;
  readonly show: (shares: readonly number[], milliseconds: number) => void;
}

export class LiveAnswers {
  readonly #house: House;
  readonly #asked: Asked;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asks = false;
  #ended = false;

  constructor(house: House, asked: Asked) {
    this.#house = house;
    this.#asked = asked;
  }

  /** From now on, as often as answers come. */
  begin(): void {
    if (this.#timer !== undefined || this.#ended) return;
    const again = async () => {
      if (!document.hidden) await this.look();
      if (!this.#ended) this.#timer = setTimeout(again, EVERY_MS);
    };
    this.#timer = setTimeout(again, 0);
  }

  /** Once, unless it asks already. */
  async look(): Promise<void> {
    if (this.#asks || this.#ended) return;
    this.#asks = true;
    try {
      const picture = await this.#asked.picture();
      const began = performance.now();
      const shares = picture && (await this.#asked.shares(picture));
      if (shares && !this.#ended) this.#asked.show(shares, performance.now() - began);
    } catch (error) {
      if (this.#ended) return;
      this.end();
      this.#house.notice(error);
    } finally {
      this.#asks = false;
    }
  }

  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
  }
}
