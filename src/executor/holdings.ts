import { fixed, fixedFromNumber, isDecimal, parseFixed, sub, type Btc, type Fixed, type Krw, type Usdt } from '../core/money.js';
import type { VenueId } from '../core/units.js';
import { MARKET_IDS, SYMBOLS } from '../exchange/client-params.js';
import type { ClientBalance, ClientPosition } from '../exchange/exchange-client.js';
import type { CallOptions, Patience, VenueGateway } from './venue-gateway.js';

/** What Upbit says we hold. */
export interface SpotHoldings {
  readonly krwFree: Krw;
  readonly btcFree: Btc;
  readonly btcTotal: Btc;
}

/** What Binance says about our position; `position` is signed, a short is negative. */
export interface PerpHoldings {
  readonly position: Btc;
  readonly markPrice: number | undefined;
  readonly unrealizedPnl: number | undefined;
  /** `true` when the account is in hedge mode, where reduceOnly is not possible. */
  readonly hedged: boolean | undefined;
}

export interface Margin {
  readonly usdtFree: Usdt;
  readonly usdtTotal: Usdt;
}

type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

/** Reads what both venues say we hold. An answer without the needed field is a failure, not a zero. */
export class Holdings {
  readonly #gateways: Readonly<Record<VenueId, VenueGateway>>;

  constructor(gateways: Readonly<Record<VenueId, VenueGateway>>) {
    this.#gateways = gateways;
  }

  async spot(options: CallOptions<object> = {}, again = true): Promise<Read<SpotHoldings>> {
    const gateway = this.#gateways.upbit;
    const answer = await (again
      ? gateway.read('fetchBalance', (client) => client.fetchBalance(), options)
      : gateway.call('fetchBalance', (client) => client.fetchBalance(), options));
    if (answer.kind !== 'answer') return { ok: false, problem: problemOf('Upbit balance', answer) };
    const krw = balanceOf(answer.value, 'KRW');
    const btc = balanceOf(answer.value, 'BTC');
    if (isNoList((answer.value as { info?: unknown }).info)) return { ok: false, problem: 'the Upbit balance is no list of currencies' };
    if (krw === undefined || btc === undefined) return { ok: false, problem: 'the Upbit balance has fields that are not numbers' };
    return { ok: true, value: { krwFree: krw.free as Krw, btcFree: btc.free as Btc, btcTotal: btc.total as Btc } };
  }

  /**
   * @param mayBeHeld - a list without any position is believed only where the account's own list has none either: ccxt
   * makes an empty list of an answer that it cannot read, and a short that is taken for gone has its spot sold.
   */
  async perp(mayBeHeld: boolean, patience: Patience = {}, again = true): Promise<Read<PerpHoldings>> {
    const gateway = this.#gateways.binance;
    const options: CallOptions<ClientPosition[]> = {
      ...patience,
      objection: (list) => (mayBeHeld && showsNone(list) ? this.#objectionToNone(patience) : undefined),
    };
    const send = (client: { fetchPositions(symbols?: string[]): Promise<ClientPosition[]> }): Promise<ClientPosition[]> =>
      client.fetchPositions([SYMBOLS.binance]);
    const answer = await (again ? gateway.read('fetchPositions', send, options) : gateway.call('fetchPositions', send, options));
    if (answer.kind !== 'answer') return { ok: false, problem: problemOf('Binance position', answer) };
    return readPositions(answer.value);
  }

  /** Why an empty list of positions cannot be believed; undefined where the account shows none either. */
  async #objectionToNone(patience: Patience): Promise<string | undefined> {
    const answer = await this.#gateways.binance.call('fetchBalance', (client) => client.fetchBalance(), patience);
    if (answer.kind !== 'answer') return `the list of positions is empty, and the account cannot be asked (${problemOf('Binance balance', answer)})`;
    const { info } = answer.value as { info?: { positions?: unknown } | undefined };
    if (!Array.isArray(info?.positions)) return 'the list of positions is empty, and the account lists none to compare it with';
    const rows = info.positions as readonly { readonly symbol?: unknown; readonly positionAmt?: unknown }[];
    const held = rows.find(({ symbol, positionAmt }) => symbol === MARKET_IDS.binance && Number(positionAmt) !== 0);
    return held === undefined ? undefined : `the list of positions is empty, yet the account holds ${String(held.positionAmt)} BTC`;
  }

  async margin(options: CallOptions<object> = {}): Promise<Read<Margin>> {
    const answer = await this.#gateways.binance.read('fetchBalance', (client) => client.fetchBalance(), options);
    if (answer.kind !== 'answer') return { ok: false, problem: problemOf('Binance balance', answer) };
    const usdt = balanceOf(answer.value, 'USDT');
    const { info } = answer.value as { info?: { assets?: unknown } | undefined };
    if (info !== undefined && !Array.isArray(info.assets)) return { ok: false, problem: 'the Binance balance lists no assets' };
    if (usdt === undefined) return { ok: false, problem: 'the Binance balance has fields that are not numbers' };
    return { ok: true, value: { usdtFree: usdt.free as Usdt, usdtTotal: usdt.total as Usdt } };
  }
}

/** ccxt makes an empty balance of a body that it cannot read: a venue's list of nothing is still a list. */
const isNoList = (info: unknown): boolean => info !== undefined && !Array.isArray(info);

function problemOf(
  what: string,
  answer: { readonly kind: 'error'; readonly error: string } | { readonly kind: 'not-sent'; readonly waitMs: number },
): string {
  return answer.kind === 'error' ? `${what}: ${answer.error}` : `${what}: the venue may not be called for another ${answer.waitMs} ms`;
}

const showsNone = (positions: readonly ClientPosition[]): boolean => {
  const read = readPositions(positions);
  return read.ok && read.value.position === 0n;
};

function readPositions(positions: readonly ClientPosition[]): Read<PerpHoldings> {
  let position = 0n;
  let shown: ClientPosition | undefined;
  for (const candidate of positions) {
    if (candidate.symbol !== undefined && candidate.symbol !== SYMBOLS.binance) continue;
    const { contracts, side } = candidate;
    if (contracts === undefined) return { ok: false, problem: 'a Binance position without a size' };
    if (contracts === 0) continue;
    if (side !== 'long' && side !== 'short') return { ok: false, problem: 'a Binance position without a side' };
    // One contract of the USDT-margined perpetual is one BTC.
    const size = fixedFromNumber<Btc>(Math.abs(contracts));
    position += side === 'short' ? -(size as bigint) : size;
    shown = candidate;
  }
  return {
    ok: true,
    value: {
      position: fixed<Btc>(position),
      markPrice: shown?.markPrice,
      unrealizedPnl: shown?.unrealizedPnl,
      hedged: positions.some(({ hedged }) => hedged === true) ? true : positions.find(({ hedged }) => hedged !== undefined)?.hedged,
    },
  };
}

/** A currency that the answer does not name is not held. */
function balanceOf(balances: object, code: string): { readonly free: Fixed<string>; readonly total: Fixed<string> } | undefined {
  const balance = (balances as Readonly<Record<string, ClientBalance | undefined>>)[code];
  if (balance === undefined) return { free: fixed(0n), total: fixed(0n) };
  const free = amountOf(balance.free);
  const used = amountOf(balance.used);
  const total = amountOf(balance.total);
  if (free === undefined && total === undefined) return undefined;
  const sum = total ?? fixed<Fixed<string>>((free ?? 0n) + (used ?? 0n));
  return { free: free ?? sub(sum, used ?? fixed(0n)), total: sum };
}

function amountOf(value: number | string | undefined): Fixed<string> | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? fixedFromNumber(value) : undefined;
  if (value === undefined) return undefined;
  if (isDecimal(value)) return parseFixed(value);
  const number = Number(value);
  return Number.isFinite(number) ? fixedFromNumber(number) : undefined;
}
