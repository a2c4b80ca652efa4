import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string): string => fileURLToPath(new URL(`src/${path}`, import.meta.url));

export default defineConfig({
  resolve: {
    // The examples import the package by its name; here that is the source, in test/package it is what was built.
    alias: [
      { find: /^hedgedrill$/, replacement: source('index.ts') },
      { find: /^hedgedrill\/testing$/, replacement: source('testing/index.ts') },
      { find: /^hedgedrill\/testing\/vitest$/, replacement: source('testing/vitest.ts') },
    ],
  },
  test: {
    // Virtual clocks share the process's event loop, so files run in processes of their own.
    pool: 'forks',
    include: ['test/**/*.test.ts', 'examples/*/test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
