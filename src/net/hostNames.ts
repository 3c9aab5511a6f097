import { lookup, resolveCname } from 'node:dns/promises';
import { findResolveRule, type ResolveRule } from './resolve.ts';

/** What the DNS of this machine says. */
export interface HostNames {
  /** Empty when it says nothing. */
  addresses(hostname: string): Promise<readonly string[]>;
  /** The names that the name stands for. */
  aliases(hostname: string): Promise<readonly string[]>;
}

/** A name that is connected elsewhere is asked of nobody. */
export function withResolveRules(hostNames: HostNames, rules: readonly ResolveRule[]): HostNames {
  return {
    aliases: (hostname) => hostNames.aliases(hostname),
    async addresses(hostname) {
      const rule = findResolveRule(rules, hostname);
      return rule === undefined ? hostNames.addresses(hostname) : [rule.address];
    },
  };
}

export const systemHostNames: HostNames = {
  async addresses(hostname) {
    try {
      return (await lookup(hostname, { all: true })).map(({ address }) => address);
    } catch {
      return [];
    }
  },
  async aliases(hostname) {
    const aliases: string[] = [];
    try {
      // A vault stands behind a handful; the end of the chain has none.
      for (let name = hostname; aliases.length < 8;) {
        const [alias] = await resolveCname(name);
        if (alias === undefined) break;
        aliases.push(alias);
        name = alias;
      }
    } catch {
      return aliases;
    }
    return aliases;
  },
};
