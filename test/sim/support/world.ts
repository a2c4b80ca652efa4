import type { DelayDistribution } from '../../../src/faults/fault-action.js';
import type { VenueWorld, World } from '../../../src/faults/world.js';
import { epochMs } from '../../../src/core/units.js';

export const START = epochMs(Date.parse('2025-09-03T01:00:00Z'));
export const ms = (value: number): DelayDistribution => ({ kind: 'fixed', ms: value });

const common: Omit<VenueWorld, 'balances' | 'idReuse'> = {
  latency: { request: { '*': ms(20) }, response: { '*': ms(10) } },
  timeoutMs: 10_000,
  visibilityLag: ms(0),
  matchingDelay: ms(5),
  recvWindowMs: 10_000,
  clockSkewMs: 0,
  errorBody: 'json',
  overloadSparesReduceOnly: true,
  positionMode: 'oneway',
  marginMode: 'isolated',
  leverage: 1,
  rules: {},
};

export interface WorldChange {
  readonly upbit?: Partial<VenueWorld>;
  readonly binance?: Partial<VenueWorld>;
  readonly books?: World['books'];
}

/** Upbit at 130,000,000 KRW, Binance at 89,500 USDT, fixed latencies: 20 ms there, 5 ms matching, 10 ms back. */
export function worldWith(change: WorldChange = {}): World {
  return {
    start: START,
    venues: {
      upbit: { ...common, balances: { KRW: '100000000', BTC: '0' }, idReuse: 'never', ...change.upbit },
      binance: { ...common, balances: { USDT: '30000' }, idReuse: 'after-close', ...change.binance },
    },
    books: change.books ?? {
      upbit: { mid: '130000000', spreadBp: 2, depth: '1.5' },
      binance: { mid: '89500', spreadBp: 0.2, depth: '20' },
    },
    usdKrw: '1450',
  };
}
