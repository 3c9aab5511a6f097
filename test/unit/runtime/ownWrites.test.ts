import { expect, test } from 'vitest';

import { aThing } from './fakes.ts';
import { aPage, refusal, startInformer } from './informerWorld.ts';

const one = aPage('10', [aThing('a', '5')]);

test('shows our own write at once, and drops the watch events up to it', async () => {
  const { informer, source, clock, held, changes } = await startInformer(one);
  informer.upsert(aThing('a', '20'));
  expect(held()).toEqual(['ns/a@20']);

  source.newest.send(
    { type: 'modified', object: aThing('a', '15') },
    { type: 'modified', object: aThing('a', '20') },
    { type: 'modified', object: aThing('a', '100') },
  );
  await clock.settle();
  expect(changes).toEqual(['added ns/a@5 initial', 'updated ns/a@20 own', 'updated ns/a@100']);
});

test('drops an answer to our own write that the watch has overtaken', async () => {
  const { informer, source, clock, held, changes } = await startInformer(one);
  source.newest.send({ type: 'modified', object: aThing('a', '21') });
  await clock.settle();
  informer.upsert(aThing('a', '20'));
  informer.upsert(aThing('a', '21'));

  expect(held()).toEqual(['ns/a@21']);
  expect(changes).toHaveLength(2);
});

test('drops an answer to our own write of what somebody deleted before it came', async () => {
  const { informer, source, clock, held, changes } = await startInformer(one);
  source.newest.send(
    { type: 'modified', object: aThing('a', '20') },
    { type: 'deleted', object: aThing('a', '21') },
    { type: 'added', object: aThing('new', '25') },
    { type: 'deleted', object: aThing('new', '100') },
  );
  await clock.settle();
  changes.length = 0;
  informer.upsert(aThing('a', '20'));
  informer.upsert(aThing('new', '25'));

  expect(held()).toEqual([]);
  expect(changes).toEqual([]);
});

test('does not bring back what we deleted when older events arrive late', async () => {
  const { informer, source, clock, held, changes } = await startInformer(one);
  informer.remove('ns', 'a', 'a');
  source.newest.send(
    { type: 'modified', object: aThing('a', '15') },
    { type: 'deleted', object: aThing('a', '16') },
  );
  await clock.settle();

  expect(held()).toEqual([]);
  expect(changes).toEqual(['added ns/a@5 initial', 'deleted ns/a@5 own']);
});

test('shows an object that was made anew after we deleted it', async () => {
  const { informer, source, clock, held } = await startInformer(one);
  informer.remove('ns', 'a', 'a');
  informer.upsert(aThing('a', '30', { uid: 'a-2' }));
  source.newest.send(
    { type: 'modified', object: aThing('a', '15') },
    { type: 'deleted', object: aThing('a', '16') },
    { type: 'added', object: aThing('a', '30', { uid: 'a-2' }) },
  );
  await clock.settle();

  expect(held()).toEqual(['ns/a@30']);
});

test('ignores the note of a deletion that is about another object of that name', async () => {
  const { informer, held } = await startInformer(one);
  informer.remove('ns', 'a', 'an-earlier-one');

  expect(held()).toEqual(['ns/a@5']);
});

test('keeps what we wrote while a relist was read that does not show it yet', async () => {
  const { informer, source, clock, held, changes } = await startInformer(
    aPage('10', [aThing('a', '5'), aThing('gone', '6')]),
  );
  changes.length = 0;
  const late = Promise.withResolvers<void>();
  const listed = aPage('20', [aThing('a', '15'), aThing('gone', '6')]);
  source.answer(() => late.promise.then(() => listed));
  source.newest.fail(refusal(410));
  await clock.settle();
  informer.upsert(aThing('a', '25'));
  informer.upsert(aThing('new', '26'));
  informer.remove('ns', 'gone', 'gone');
  late.resolve();
  await clock.settle();

  expect(held()).toEqual(['ns/a@25', 'ns/new@26']);
  expect(changes).toEqual(['updated ns/a@25 own', 'added ns/new@26 own', 'deleted ns/gone@6 own']);
});

test('believes a relist over what we wrote before it: a restored etcd counts from lower versions', async () => {
  const { informer, source, clock, held } = await startInformer(one);
  informer.upsert(aThing('a', '900'));
  informer.upsert(aThing('b', '901'));
  source.answer(aPage('20', [aThing('a', '15')]));
  source.newest.fail(refusal(410));
  await clock.settle();

  expect(held()).toEqual(['ns/a@15']);
});

test('believes a later list over our note of a deletion: a finalizer may hold the object', async () => {
  const { informer, source, clock, held } = await startInformer(one);
  informer.remove('ns', 'a', 'a');
  source.answer(aPage('20', [aThing('a', '15')]));
  source.newest.fail(refusal(410));
  await clock.settle();
  source.newest.send({ type: 'modified', object: aThing('a', '21') });
  await clock.settle();

  expect(held()).toEqual(['ns/a@21']);
});
