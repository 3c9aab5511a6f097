import type { ObjectName, UnreadableObject } from '../ports/kube.ts';
import type { InformerMetrics } from '../ports/metrics.ts';
import type { Log } from '../ports/system.ts';
import { Lru } from './lru.ts';
import { objectKey } from './store.ts';

/** So many are remembered as logged. */
const remembered = 1_024;

/** Says of each object once that it cannot be read, by its name alone, and counts each time. */
export class UnreadableObjects {
  readonly #resource: string;
  readonly #log: Log;
  readonly #metrics: Pick<InformerMetrics, 'unreadable'>;
  readonly #logged = new Lru<true>(remembered);

  constructor(resource: string, log: Log, metrics: Pick<InformerMetrics, 'unreadable'>) {
    this.#resource = resource;
    this.#log = log;
    this.#metrics = metrics;
  }

  met({ namespace, name }: UnreadableObject): void {
    this.#metrics.unreadable(this.#resource);
    const key = objectKey(namespace, name);
    if (this.#logged.get(key) === true) return;
    this.#logged.set(key, true);
    const fields = { resource: this.#resource, namespace, name };
    this.#log.error('an object cannot be read and is taken for absent', fields);
  }

  /** It can be read again: should it break once more, that is news. */
  read({ namespace, name }: ObjectName): void {
    if (this.#logged.size > 0) this.#logged.delete(objectKey(namespace, name));
  }
}
