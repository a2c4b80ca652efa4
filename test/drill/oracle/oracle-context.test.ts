import { expect, test } from 'vitest';
import { DEFAULT_BUDGETS } from '../../../src/drill/oracle/oracle-context.js';
import { DEFAULT_POLICY } from '../../../src/executor/policy.js';

test("the oracle's own bounds are those of the executor's defaults: whoever changes one has to change the other", () => {
  const { nakedBudgetMs, legDeadlineMs, monitorMs, quietMs, confirmMs, decisionAgeMs, upbitLifetimeMs, recvWindowMs, binanceLifetimeMarginMs } =
    DEFAULT_POLICY;
  expect(DEFAULT_BUDGETS).toMatchObject({
    nakedMs: nakedBudgetMs,
    legMs: legDeadlineMs,
    unseenMs: monitorMs + quietMs + confirmMs + 30_000,
    decisionAgeMs,
    lifetimeMs: { upbit: upbitLifetimeMs, binance: recvWindowMs + binanceLifetimeMarginMs },
    lostVenueLockMs: nakedBudgetMs + 60_000,
  });
});
