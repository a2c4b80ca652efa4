import { fixedFromNumber, parseFixed, type Fixed } from '../../core/money.js';
import type { VenueId } from '../../core/units.js';
import { SYMBOLS } from '../../exchange/client-params.js';
import type { ClientOrder, ExchangeClient } from '../../exchange/exchange-client.js';
import type { CreateStep } from './client-step.js';
import type { OrderAsk } from './reference-order.js';

const ONE = 100_000_000n;

/** A create call with what it must look like on the wire. */
export interface PreparedOrder {
  readonly ask: OrderAsk;
  /** ccxt refuses it by itself: nothing is left after cutting the amount to the step. */
  readonly isUnsent: boolean;
  readonly create: () => Promise<ClientOrder>;
}

/**
 * @param mid - of the venue now; the step's price is a distance from it.
 * @param clientId - undefined: none is given.
 */
export function prepareOrder(venue: VenueId, client: ExchangeClient, step: CreateStep, mid: number, clientId: string | undefined): PreparedOrder {
  const params: Record<string, unknown> = clientId === undefined ? {} : { clientOrderId: clientId };
  return venue === 'upbit' ? prepareUpbit(client, step, mid, clientId, params) : prepareBinance(client, step, mid, clientId, params);
}

function prepareUpbit(
  client: ExchangeClient,
  step: CreateStep,
  mid: number,
  clientId: string | undefined,
  params: Record<string, unknown>,
): PreparedOrder {
  const { side, amount } = step;
  const quantity = parseFixed<Fixed<string>>(amount);
  const base = { side, reduceOnly: false, positionSide: 'BOTH', clientId } as const;
  if (step.type === 'limit') {
    const price = priceOf(step, mid, 1_000n * ONE);
    return {
      ask: { ...base, type: 'limit', quantity, cost: undefined, limit: price, timeInForce: step.timeInForce },
      isUnsent: quantity === 0n,
      create: () => client.createOrder(SYMBOLS.upbit, 'limit', side, Number(amount), Number(price) / 1e8, { ...params, ...timeInForceOf(step) }),
    };
  }
  const immediate = { ...base, limit: undefined, timeInForce: 'ioc' } as const;
  if (side === 'sell')
    return {
      ask: { ...immediate, type: 'market', quantity, cost: undefined },
      isUnsent: quantity === 0n,
      create: () => client.createOrder(SYMBOLS.upbit, 'market', side, Number(amount), undefined, params),
    };
  // ccxt's two ways of naming the money: amount times price, and the cost itself.
  const price = Math.round(mid);
  const cost = quantity * BigInt(price);
  const create = (): Promise<ClientOrder> =>
    step.type === 'cost'
      ? client.createMarketBuyOrderWithCost(SYMBOLS.upbit, Math.floor(Number(cost) / 1e8), params)
      : client.createOrder(SYMBOLS.upbit, 'market', side, Number(amount), price, params);
  const whole = step.type === 'cost' ? BigInt(Math.floor(Number(cost) / 1e8)) * ONE : cost;
  return { ask: { ...immediate, type: 'cost', quantity: undefined, cost: whole }, isUnsent: false, create };
}

function prepareBinance(
  client: ExchangeClient,
  step: CreateStep,
  mid: number,
  clientId: string | undefined,
  params: Record<string, unknown>,
): PreparedOrder {
  const { side, amount, type, reduceOnly, hedged } = step;
  const units = parseFixed<Fixed<string>>(amount);
  // ccxt cuts the amount to the step and rounds the price to the tick before anything is sent.
  const quantity = units - (units % 100_000n);
  const asked = priceOf(step, mid, 10_000_000n);
  const limit = ((asked + 5_000_000n) / 10_000_000n) * 10_000_000n;
  const isLimit = type === 'limit';
  Object.assign(params, isLimit ? timeInForceOf(step) : {}, reduceOnly ? { reduceOnly } : {}, hedged ? { hedged } : {});
  return {
    ask: {
      side,
      type: isLimit ? 'limit' : 'market',
      quantity,
      cost: undefined,
      limit: isLimit ? limit : undefined,
      timeInForce: isLimit ? step.timeInForce : 'ioc',
      reduceOnly: reduceOnly && !hedged,
      positionSide: !hedged ? 'BOTH' : (side === 'buy') === reduceOnly ? 'SHORT' : 'LONG',
      clientId,
    },
    isUnsent: quantity === 0n,
    create: () =>
      client.createOrder(SYMBOLS.binance, isLimit ? 'limit' : 'market', side, Number(amount), isLimit ? Number(asked) / 1e8 : undefined, params),
  };
}

function priceOf({ offset, offTick }: CreateStep, mid: number, tick: bigint): bigint {
  const near = (fixedFromNumber<Fixed<string>>(mid) * BigInt(1_000_000 + offset)) / 1_000_000n;
  return near - (near % tick) + parseFixed<Fixed<string>>(offTick);
}

function timeInForceOf({ timeInForce }: CreateStep): Record<string, unknown> {
  if (timeInForce === 'gtc') return {};
  return timeInForce === 'post-only' ? { postOnly: true } : { timeInForce: timeInForce.toUpperCase() };
}
