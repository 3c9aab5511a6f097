/** Equal calls that are under way together are one: all who ask get its outcome when it lands. */
export class SharedCalls<T> {
  readonly #running = new Map<string, Promise<T>>();

  get size(): number {
    return this.#running.size;
  }

  /** Assumes that `key` names everything on which the outcome depends, the identity included. */
  run(key: string, call: () => Promise<T>): Promise<T> {
    const running = this.#running.get(key);
    if (running !== undefined) return running;
    const promise = call().finally(() => this.#running.delete(key));
    this.#running.set(key, promise);
    return promise;
  }
}
