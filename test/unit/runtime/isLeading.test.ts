import { expect, test } from 'vitest';

import { setUpReplicas } from './replicas.ts';

test('no longer leads from the deadline on, and leads again after a renewal', async () => {
  const { start, advance } = setUpReplicas();
  const { clock, election } = await start('a');
  clock.step(9_999);
  expect(election.isLeading()).toBe(true);
  clock.step(1);
  expect(election.isLeading()).toBe(false);

  await advance(3_050);
  expect(election.isLeading()).toBe(true);
});

test('counts that time from when it asked, not from the answer', async () => {
  const { start } = setUpReplicas();
  const { client, clock, election } = await start('a');
  const answer = Promise.withResolvers<void>();
  const update = client.update.bind(client);
  client.update = async (...args) => {
    const lease = await update(...args);
    await answer.promise;
    return lease;
  };
  await clock.advance(3_000 + 3_500);
  answer.resolve();
  await clock.settle();

  clock.step(6_499);
  expect(election.isLeading()).toBe(true);
  clock.step(1);
  expect(election.isLeading()).toBe(false);
});

test.each(['elapsed', 'wall'])(
  'knows that it may no longer lead when the %s clock ran on while it was frozen',
  async (which) => {
    const { start } = setUpReplicas();
    const { clock, election } = await start('a');
    expect(election.isLeading()).toBe(true);
    const elapsed = clock.elapsed();
    if (which === 'wall') clock.step(15_000);
    else clock.elapsed = () => elapsed + 15_000;
    expect(election.isLeading()).toBe(false);
  },
);
