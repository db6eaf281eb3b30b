/** Figures over steps, in bounded room however long a training runs. */

export interface CurvePoint {
  /** From 1; of points that were joined the mean. */
  readonly step: number;
  readonly value: number;
}

const MOST_POINTS = 400;

/** Joins neighbours by their mean, twice as many each time the room is full. */
export class Curve {
  #points: CurvePoint[] = [];
  #each = 1;
  #values = 0;
  #steps = 0;
  #count = 0;

  get points(): readonly CurvePoint[] {
    return this.#points;
  }

  add(step: number, value: number): void {
    this.#steps += step;
    this.#values += value;
    this.#count++;
    if (this.#count < this.#each) return;
    this.#points.push({ step: this.#steps / this.#each, value: this.#values / this.#each });
    this.#steps = 0;
    this.#values = 0;
    this.#count = 0;
    if (this.#points.length >= MOST_POINTS) this.#halve();
  }

  #halve(): void {
    const halved: CurvePoint[] = [];
    for (let at = 0; at + 1 < this.#points.length; at += 2) {
      const [one, other] = [this.#points[at] as CurvePoint, this.#points[at + 1] as CurvePoint];
      halved.push({ step: (one.step + other.step) / 2, value: (one.value + other.value) / 2 });
    }
    this.#points = halved;
    this.#each *= 2;
  }
}
