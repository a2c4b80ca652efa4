import type { VenueId } from '../core/units.js';
import type { GarbleAction } from '../faults/fault-action.js';
import type { VenueReply } from './venue-reply.js';

type Body = Readonly<Record<string, unknown>>;

/** The field of each answer whose loss does the most harm: an id, an amount, a price. */
const FIELDS: Readonly<Record<VenueId, Readonly<Record<string, string>>>> = {
  upbit: {
    createOrder: 'uuid',
    cancelOrder: 'uuid',
    fetchOrder: 'uuid',
    fetchOpenOrders: 'uuid',
    fetchBalance: 'balance',
    fetchOrderBook: 'orderbook_units',
    fetchTicker: 'trade_price',
  },
  binance: {
    createOrder: 'orderId',
    cancelOrder: 'orderId',
    fetchOrder: 'orderId',
    fetchOpenOrders: 'orderId',
    fetchMyTrades: 'qty',
    fetchBalance: 'availableBalance',
    fetchPositions: 'positionAmt',
    fetchOrderBook: 'bids',
    fetchTicker: 'lastPrice',
    fetchLeverage: 'leverage',
    fetchPositionMode: 'dualSidePosition',
    fetchTime: 'serverTime',
    fetchFundingRate: 'lastFundingRate',
  },
};

/** Words that the venues know and ccxt 4.5.84 hands on as they are. */
const UNMAPPED: Readonly<Record<VenueId, string>> = { upbit: 'prevented', binance: 'NEW_ADL' };
const PAGE = '<html>\r\n<head><title>200 OK</title></head>\r\n<body>\r\n<center><h1>Please wait</h1></center>\r\n</body>\r\n</html>';

/** The wire text of a garbled answer. */
function garbledText(venue: VenueId, method: string, body: unknown, { mode, field, status }: GarbleAction): string {
  const whole = JSON.stringify(body);
  switch (mode) {
    case 'truncated-json':
      return whole.slice(0, Math.floor(whole.length / 2));
    case 'html-page':
      return PAGE;
    case 'empty-body':
      return '';
    case 'wrong-type':
      return Array.isArray(body) ? '{}' : `[${whole}]`;
    case 'missing-field':
      return JSON.stringify(without(body, field ?? FIELDS[venue][method] ?? ''));
    case 'other-order':
      return JSON.stringify(someoneElses(venue, body as Body));
    case 'unmapped-status':
      return JSON.stringify({ ...(body as Body), [venue === 'upbit' ? 'state' : 'status']: status ?? UNMAPPED[venue] });
  }
}

/** What ccxt hands to its parsers for a text with status 200: the JSON, or the text itself when it is none. */
export function readByCcxt(text: string): unknown {
  if (!/^[{[]./s.test(text)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** A garbled answer to a call: what the client's parser gets, or a proxy's page in place of an error's body. */
export function garbled(venue: VenueId, method: string, reply: VenueReply, action: GarbleAction): VenueReply {
  if (reply.ok) {
    const text = garbledText(venue, method, reply.body, action);
    return { ...reply, body: readByCcxt(text), text };
  }
  if (action.mode === 'other-order' || action.mode === 'unmapped-status') return reply;
  return { ...reply, code: undefined, bodyForm: 'html' };
}

/** The field is gone wherever it stands. */
function without(value: unknown, field: string): unknown {
  if (Array.isArray(value)) return value.map((item) => without(item, field));
  if (typeof value !== 'object' || value === null) return value;
  const rest = Object.entries(value).filter(([key]) => key !== field);
  return Object.fromEntries(rest.map(([key, child]) => [key, without(child, field)]));
}

/** The same answer as another order of the account would get it: other ids, and filled. */
function someoneElses(venue: VenueId, body: Body): Body {
  if (venue === 'upbit') {
    const { volume } = body;
    const filled = typeof volume === 'string' ? { remaining_volume: '0', executed_volume: volume } : {};
    return { ...body, uuid: '00000000-0000-4000-8000-000000000001', identifier: 'another-order', state: 'done', ...filled };
  }
  return { ...body, orderId: 1, clientOrderId: 'another-order', status: 'FILLED', executedQty: body['origQty'] };
}
