import { expect, test } from 'vitest';

const MINIMUM_MAJOR = 24;

test('the tests run on Node 24 or newer', () => {
  const major = Number(process.versions.node.split('.')[0]);

  expect(
    major,
    `These tests run on Node ${process.version}, but need ${MINIMUM_MAJOR} or newer, which runs ` +
      'TypeScript as it is. `npm ci` puts such a Node into node_modules/.bin, and every npm script ' +
      'uses it: start the tests with `npm test`. On a platform without that package, install ' +
      'Node 24 yourself and put it first in PATH.',
  ).toBeGreaterThanOrEqual(MINIMUM_MAJOR);
});
