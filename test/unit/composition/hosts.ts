import { ReconcileError } from '../../../src/core/errors/errors.ts';
import { redact } from '../../../src/core/redacted.ts';
import { vaultHostOf, type KeyVaultSecret } from '../../../src/core/source/keyVaultSecret.ts';
import type { PagedSecretReader } from '../../../src/keyvault/client.ts';
import { readDetails, unreachableError } from '../../../src/keyvault/errors.ts';
import { createHostBreaker, type HostBreaker } from '../../../src/net/hostBreaker.ts';
import type { ReadRequest } from '../../../src/ports/azure.ts';
import type { Clock } from '../../../src/ports/system.ts';
import { drawFor } from './chance.ts';

/** How a host behaves. Latencies in milliseconds. */
export type Behaviour =
  | { readonly kind: 'answers'; readonly latencyMs: number }
  | { readonly kind: 'silent' }
  | { readonly kind: 'refuses'; readonly latencyMs: number }
  | { readonly kind: 'throttles'; readonly perSecond: number }
  | { readonly kind: 'breaksDown'; readonly share: number };

/** The deadline of the HTTP client. */
const deadlineMs = 15_000;
const quickMs = 30;

export interface SentRequest {
  readonly host: string;
  readonly namespace: string;
  readonly object: string;
  readonly atMs: number;
}

/** Hosts on the network, behind the real breaker. The value of an object is its name and its rotation. */
export class Hosts {
  readonly breaker: HostBreaker;
  readonly sent: SentRequest[] = [];
  readonly #clock: Clock;
  readonly #behaviours = new Map<string, Behaviour>();
  readonly #rotations = new Map<string, number>();
  /** Requests that a throttling host still takes, and since when. */
  readonly #left = new Map<string, { tokens: number; atMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.breaker = createHostBreaker(clock, { breaker: () => undefined });
  }

  set(host: string, behaviour: Behaviour): void {
    this.#behaviours.set(host, behaviour);
  }

  rotate(host: string, object: string): void {
    this.#rotations.set(`${host}/${object}`, this.#rotation(host, object) + 1);
  }

  valueOf(host: string, object: string): string {
    return `${host}/${object}#${this.#rotation(host, object)}`;
  }

  reader(): PagedSecretReader {
    return {
      read: async (request) => this.#read(request),
      deletion: async () => ({}),
      async *versionPages() {
        yield [];
      },
    };
  }

  async #read(request: ReadRequest): Promise<KeyVaultSecret> {
    const host = vaultHostOf(request.vaultUrl);
    try {
      const answer = await this.breaker.run(
        host,
        () => this.#answer(host, request),
        request.signal,
      );
      if (answer !== undefined) return answer;
    } catch {
      throw unreachableError(request, 'ETIMEDOUT');
    }
    throw new ReconcileError('KeyVaultThrottled', { details: readDetails(request) });
  }

  /** Rejects without an answer; undefined for a 429, which is an answer too. */
  async #answer(host: string, request: ReadRequest): Promise<KeyVaultSecret | undefined> {
    const { name } = request.ref;
    const { namespace } = request.identity;
    this.sent.push({ host, namespace, object: name, atMs: this.#clock.elapsed() });
    const behaviour = this.#behaviours.get(host) ?? { kind: 'silent' };
    switch (behaviour.kind) {
      case 'silent':
        await this.#clock.sleep(deadlineMs);
        throw new Error('no answer');
      case 'refuses':
        await this.#clock.sleep(behaviour.latencyMs);
        throw new Error('connection refused');
      case 'breaksDown':
        await this.#clock.sleep(quickMs);
        if (drawFor(`${host}${this.sent.length}`) < behaviour.share) throw new Error('reset');
        return this.#secretOf(host, name);
      case 'throttles':
        await this.#clock.sleep(quickMs);
        return this.#takes(host, behaviour.perSecond) ? this.#secretOf(host, name) : undefined;
      case 'answers':
        await this.#clock.sleep(behaviour.latencyMs * (0.5 + drawFor(`${host}/${name}`)));
        return this.#secretOf(host, name);
    }
  }

  #takes(host: string, perSecond: number): boolean {
    const now = this.#clock.elapsed();
    const before = this.#left.get(host) ?? { tokens: perSecond, atMs: now };
    const gained = ((now - before.atMs) / 1000) * perSecond;
    const tokens = Math.min(perSecond, before.tokens + gained);
    this.#left.set(host, { tokens: tokens < 1 ? tokens : tokens - 1, atMs: now });
    return tokens >= 1;
  }

  #secretOf(host: string, name: string): KeyVaultSecret {
    const version = this.#rotation(host, name).toString(16).padStart(32, '0');
    return { name, version, value: redact(this.valueOf(host, name)) };
  }

  #rotation(host: string, object: string): number {
    return this.#rotations.get(`${host}/${object}`) ?? 1;
  }
}
