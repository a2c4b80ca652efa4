/**
 * `import 'hedgedrill/testing/vitest'` in a test, or in `setupFiles`, gives vitest's `expect` the matchers. The only file
 * that loads vitest, which is an optional peer: `drill` and `explore` work under any runner.
 */
import { expect } from 'vitest';
import { hedgeMatchers, type HedgeMatchers } from './hedge-matchers.js';

expect.extend(hedgeMatchers);

declare module 'vitest' {
  // Declarations merge only where their type parameters are the same: vitest's own is `T = any`.
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type, @typescript-eslint/no-unused-vars, @typescript-eslint/no-explicit-any
  interface Matchers<T = any> extends HedgeMatchers {}
}
