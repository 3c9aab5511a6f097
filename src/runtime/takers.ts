type Taker<T> = (value: T | undefined) => void;

/** Those who wait for a value, the longest waiting served first. */
export class Takers<T> {
  readonly #waiting = new Set<Taker<T>>();

  /** Resolves with `undefined` when dismissed, or when the signal is aborted. */
  wait(signal: AbortSignal): Promise<T | undefined> {
    return new Promise((resolve) => {
      const giveUp = (): void => taker(undefined);
      const taker: Taker<T> = (value) => {
        this.#waiting.delete(taker);
        signal.removeEventListener('abort', giveUp);
        resolve(value);
      };
      signal.addEventListener('abort', giveUp);
      this.#waiting.add(taker);
    });
  }

  /** Gives each a value until there are no more values. */
  serve(next: () => T | undefined): void {
    for (const taker of this.#waiting) {
      const value = next();
      if (value === undefined) return;
      taker(value);
    }
  }

  dismiss(): void {
    for (const taker of this.#waiting) taker(undefined);
  }
}
