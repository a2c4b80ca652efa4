import ccxt from 'ccxt';
import { expect, test } from 'vitest';
import { ccxtErrors } from '../../src/exchange/ccxt-errors.js';

const whole = ccxt as unknown as Record<string, unknown>;

test('every error class reached by URL is the class that the ccxt package exports', () => {
  const names = Object.keys(ccxtErrors).filter((name) => name !== 'default');
  expect(names.length).toBeGreaterThanOrEqual(40);
  for (const name of names) expect(whole[name], name).toBe((ccxtErrors as unknown as Record<string, unknown>)[name]);
});
