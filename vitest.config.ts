import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    watch: false,
    restoreMocks: true,
    unstubEnvs: true,
    // Only with `vitest run --coverage`: instrumenting would slow every run of the inner loop.
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      reporter: ['text-summary', 'html', 'json-summary'],
      reportsDirectory: 'coverage',
    },
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 5_000 },
      },
      {
        extends: true,
        test: { name: 'contract', include: ['test/contract/**/*.test.ts'], testTimeout: 30_000 },
      },
      {
        extends: true,
        test: {
          name: 'chart',
          include: ['test/chart/**/*.test.ts'],
          globalSetup: ['test/chart/setup.ts'],
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          // Once for all files: a control plane costs seconds to start and half a gigabyte to keep.
          globalSetup: ['test/integration/setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          // The API server, etcd and the controller need the cores as much as the tests do.
          // Each controller watches the whole cluster: two at once would do each other's work.
          fileParallelism: false,
          // After the fast projects, which would otherwise compete with it for the same cores.
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
