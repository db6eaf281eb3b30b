/** Lets what comes pass while it is open, and holds it while it is closed. */
export class Gate {
  #waiting: Promise<void> | undefined;
  #release: () => void = () => {};

  close(): void {
    this.#waiting ??= new Promise((resolve) => {
      this.#release = resolve;
    });
  }

  open(): void {
    this.#waiting = undefined;
    this.#release();
  }

  async passed(): Promise<void> {
    await this.#waiting;
  }
}
