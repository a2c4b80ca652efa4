import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Virtual clocks share the process's event loop, so files run in processes of their own.
    pool: 'forks',
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
