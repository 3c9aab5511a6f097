import { EventEmitter, once } from 'node:events';
import { z } from 'zod';
import type { ProxiedAnswer } from '../../testbed/apiServerProxy.ts';
import { rightLine } from './ruleFiles.ts';

/** A request that the API server answered with 403. */
export interface Refusal {
  readonly user: string;
  /** The right that it says is missing. */
  readonly line: string;
  /** Undefined: of the cluster as a whole. */
  readonly namespace: string | undefined;
}

/** As kube-apiserver 1.36.3 words it; no field of the Status names the right. */
const wording =
  /User "([^"]+)" cannot ([a-z]+) resource "([^"]+)" in API group "([^"]*)"(?: in the namespace "([^"]+)")?/;

/** What the API server answered to each user, in order. */
export class Answers {
  readonly #answers: ProxiedAnswer[] = [];
  readonly #refusals: Refusal[] = [];
  readonly #news = new EventEmitter().setMaxListeners(0);

  hear(answer: ProxiedAnswer): void {
    this.#answers.push(answer);
    if (answer.status === 403) this.#refusals.push(refusalOf(answer.refusal));
    this.#news.emit('answer');
  }

  refusalsTo(user: string): readonly Refusal[] {
    return this.#refusals.filter((refusal) => refusal.user === user);
  }

  /** At least `count` times. @throws Error after the time-out */
  async untilRefused(user: string, line: string, count: number): Promise<void> {
    const isRefused = () => this.countOf(user, line) >= count;
    const others = () => this.refusalsTo(user).map((refusal) => refusal.line);
    await this.#until(
      isRefused,
      () => `a refusal to ${line}; refused were: ${others().join(', ')}`,
    );
  }

  countOf(user: string, line: string): number {
    return this.refusalsTo(user).filter((refusal) => refusal.line === line).length;
  }

  /** Whatever the answer was. */
  async untilAsked(matches: (url: string) => boolean): Promise<void> {
    await this.#until(
      () => this.#answers.some(({ url }) => matches(url)),
      () => 'a request',
    );
  }

  countAsked(matches: (answer: ProxiedAnswer) => boolean): number {
    return this.#answers.filter(matches).length;
  }

  async #until(holds: () => boolean, what: () => string): Promise<void> {
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      while (!holds()) await once(this.#news, 'answer', { signal });
    } catch (cause) {
      throw new Error(`waited ${timeoutMs} ms for ${what()}`, { cause });
    }
  }
}

const timeoutMs = 15_000;

function refusalOf(body: string): Refusal {
  const { message } = z.object({ message: z.string() }).parse(JSON.parse(body));
  const [, user = '', verb = '', resource = '', group = '', namespace] =
    wording.exec(message) ?? [];
  return { user, line: rightLine({ verb, group, resource }), namespace };
}
