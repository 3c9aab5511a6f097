import { expect, test } from 'vitest';
import { nextRefresh } from '../../../src/core/diagnose/schedule.ts';
import { createMemories } from '../../../src/reconcilers/memories.ts';
import { aMemory, aVaultSecret, now, writtenTime } from '../core/builders.ts';

const vaultSecret = aVaultSecret();
const lastWrite = { uid: 'secret-uid', resourceVersion: '7', time: writtenTime, at: now };
const fresh = {
  refreshAt: nextRefresh(now, 3_600_000, 'uid-1'),
  verifiedAt: now,
  failures: 0,
  lookLive: false,
};

test('a VaultSecret that was never seen is taken for verified, and due at its own phase', () => {
  expect(createMemories().of(vaultSecret, now)).toEqual(fresh);
});

test('what is kept comes back, whatever time it is', () => {
  const memories = createMemories();
  memories.keep(vaultSecret, aMemory({ failures: 3 }));

  expect(memories.of(vaultSecret, now + 1)).toEqual(aMemory({ failures: 3 }));
});

test('the last write outlives what is kept later', () => {
  const memories = createMemories();
  memories.wrote(vaultSecret, lastWrite);
  expect(memories.of(vaultSecret, now)).toEqual({ ...fresh, lastWrite });

  memories.keep(vaultSecret, aMemory());
  expect(memories.of(vaultSecret, now)).toEqual({ ...aMemory(), lastWrite });

  memories.wrote(vaultSecret, { ...lastWrite, resourceVersion: '8' });
  expect(memories.of(vaultSecret, now).lastWrite?.resourceVersion).toBe('8');
});

test('a VaultSecret made anew under the same name starts anew', () => {
  const memories = createMemories();
  memories.keep(vaultSecret, aMemory({ failures: 3 }));
  memories.wrote(vaultSecret, lastWrite);
  const anew = aVaultSecret({ uid: 'uid-2' });

  expect(memories.of(anew, now)).toMatchObject({ failures: 0 });
  expect(memories.of(anew, now)).not.toHaveProperty('lastWrite');
  memories.keep(anew, aMemory());
  expect(memories.of(anew, now)).toEqual(aMemory());
});

test('what is forgotten starts anew', () => {
  const memories = createMemories();
  memories.wrote(vaultSecret, lastWrite);
  memories.forget('shop/shop');

  expect(memories.of(vaultSecret, now)).toEqual(fresh);
});
