import { defineConfig } from 'vitest/config';

/** Apart from the other projects: it needs root and a node, which `npm run e2e` starts. */
export default defineConfig({
  test: {
    name: 'e2e',
    watch: false,
    root: `${import.meta.dirname}/test/e2e`,
    include: ['**/*.test.ts'],
    globalSetup: ['setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 180_000,
    // One cluster for all: two releases at once would share its CRDs.
    fileParallelism: false,
  },
});
