/** One kind of request of one identity at one vault (or at Entra ID or IMDS, without a vault). */
export interface CountedRequest {
  kind: string;
  status: number;
  vault?: string | undefined;
  clientId?: string | undefined;
}

export interface RequestCount {
  vault: string | null;
  clientId: string | null;
  kind: string;
  status: number;
  count: number;
}

export interface VaultLoad {
  vault: string;
  /** Most secret transactions within any 10 consecutive seconds: the real limit's measure. */
  peakPer10Seconds: number;
  total: number;
}

export interface RequestReport {
  counts: RequestCount[];
  vaults: VaultLoad[];
}

export interface RequestCounts {
  add(request: CountedRequest): void;
  report(): RequestReport;
  reset(): void;
}

export function createRequestCounts(now: () => number): RequestCounts {
  const counts = new Map<string, RequestCount>();
  const seconds = new Map<string, Map<number, number>>();

  function addToLoad(vault: string): void {
    const second = Math.floor(now() / 1000);
    const ofVault = seconds.get(vault) ?? new Map<number, number>();
    seconds.set(vault, ofVault);
    ofVault.set(second, (ofVault.get(second) ?? 0) + 1);
  }

  return {
    add({ vault, clientId, kind, status }) {
      const key = `${vault ?? ''}|${clientId ?? ''}|${kind}|${status}`;
      const known = counts.get(key);
      if (known === undefined) {
        counts.set(key, {
          vault: vault ?? null,
          clientId: clientId ?? null,
          kind,
          status,
          count: 1,
        });
      } else {
        known.count += 1;
      }
      if (vault !== undefined) addToLoad(vault);
    },
    report: () => ({
      counts: [...counts.values()],
      vaults: [...seconds].map(([vault, perSecond]) => loadOf(vault, perSecond)),
    }),
    reset() {
      counts.clear();
      seconds.clear();
    },
  };
}

function loadOf(vault: string, perSecond: ReadonlyMap<number, number>): VaultLoad {
  let peakPer10Seconds = 0;
  let total = 0;
  for (const [second, count] of perSecond) {
    total += count;
    let window = 0;
    for (let offset = 0; offset < 10; offset += 1) window += perSecond.get(second + offset) ?? 0;
    peakPer10Seconds = Math.max(peakPer10Seconds, window);
  }
  return { vault, peakPer10Seconds, total };
}
