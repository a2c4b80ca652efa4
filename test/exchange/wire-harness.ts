import type { upbit as Upbit, binanceusdm as Binanceusdm } from 'ccxt';
import { STATUS_CODES } from 'node:http';
import { loadCcxtClasses } from '../../src/exchange/ccxt-clients.js';
import type { NoAnswer, WireAnswer } from '../../src/exchange/certainty-row.js';
import type { ExchangeClient } from '../../src/exchange/exchange-client.js';
import type { OrderOperation } from '../../src/exchange/judgement.js';
import type { VenueId } from '../../src/core/units.js';
import { carried } from '../../src/wire/ccxt/carried.js';

/** What a real ccxt client gave for one call: an error, or an order. */
export type Result = { readonly threw: Error } | { readonly returned: Awaited<ReturnType<ExchangeClient['createOrder']>> };

export interface WireRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: string | undefined;
}

type Client = Upbit | Binanceusdm;
export const SYMBOL: Readonly<Record<VenueId, string>> = { upbit: 'BTC/KRW', binance: 'BTC/USDT:USDT' };

export const BINANCE_MARKET = {
  symbol: 'BTCUSDT',
  pair: 'BTCUSDT',
  contractType: 'PERPETUAL',
  deliveryDate: 4_133_404_800_000,
  onboardDate: 1_569_398_400_000,
  status: 'TRADING',
  baseAsset: 'BTC',
  quoteAsset: 'USDT',
  marginAsset: 'USDT',
  pricePrecision: 2,
  quantityPrecision: 3,
  orderTypes: ['LIMIT', 'MARKET'],
  timeInForce: ['GTC', 'IOC', 'FOK', 'GTX'],
  filters: [
    { filterType: 'PRICE_FILTER', minPrice: '556.80', maxPrice: '4529764', tickSize: '0.10' },
    { filterType: 'LOT_SIZE', minQty: '0.001', maxQty: '1000', stepSize: '0.001' },
    { filterType: 'MARKET_LOT_SIZE', minQty: '0.001', maxQty: '120', stepSize: '0.001' },
    { filterType: 'MIN_NOTIONAL', notional: '100' },
  ],
};

interface Wired {
  readonly client: Client;
  answer: (request: WireRequest) => WireAnswer;
  requests: WireRequest[];
}
const wired = new Map<string, Wired>();

/**
 * A real, pinned ccxt client whose socket is `answer`; everything above the socket is ccxt's. Building one
 * takes milliseconds, so each call rewires the one client of its venue and keys.
 */
export async function wireClient(
  venue: VenueId,
  answer: (request: WireRequest) => WireAnswer,
  keys: { apiKey?: string; secret?: string } = { apiKey: 'k', secret: 's' },
): Promise<{ readonly client: Client; readonly requests: readonly WireRequest[] }> {
  const name = `${venue} ${keys.apiKey ?? ''}`;
  const one = wired.get(name) ?? (await build(venue, keys));
  wired.set(name, one);
  one.answer = answer;
  one.requests = [];
  return { client: one.client, requests: one.requests };
}

async function build(venue: VenueId, keys: { apiKey?: string; secret?: string }): Promise<Wired> {
  const classes = await loadCcxtClasses();
  const options = { ...keys, enableRateLimit: false, options: { fetchCurrencies: false, fetchMargins: false } };
  const client = venue === 'upbit' ? new classes.upbit(options) : new classes.binanceusdm(options);
  client.setMarkets([client.parseMarket(venue === 'upbit' ? { market: 'KRW-BTC' } : BINANCE_MARKET)]);
  const one: Wired = { client, answer: () => ({ kind: 'none', cause: 'fetch failed' }), requests: [] };
  client.fetchImplementation = async (url: string, params: Omit<WireRequest, 'url'>): Promise<unknown> => {
    const request = { url, method: params.method, headers: params.headers, body: params.body };
    one.requests.push(request);
    return responseOf(one.answer(request), request);
  };
  return one;
}

/** Makes the operation's call with a plain limit order. */
export async function call(client: Client, venue: VenueId, operation: OrderOperation): Promise<Result> {
  const symbol = SYMBOL[venue];
  const id = venue === 'upbit' ? '9e8f8eba-7050-4837-8969-cfc272cbe083' : '283194212';
  return settle(() => {
    if (operation === 'createOrder')
      return client.createOrder(symbol, 'limit', 'sell', 0.01, venue === 'upbit' ? 150_000_000 : 100_000, { clientOrderId: 'hd-1' });
    return operation === 'cancelOrder' ? client.cancelOrder(id, symbol) : client.fetchOrder(id, symbol);
  });
}

export async function settle(make: () => Promise<unknown>): Promise<Result> {
  try {
    return { returned: (await make()) as Awaited<ReturnType<ExchangeClient['createOrder']>> };
  } catch (error) {
    return { threw: error as Error };
  }
}

function responseOf(answer: WireAnswer, { url, method }: WireRequest): unknown {
  if (answer.kind === 'http') {
    const { status, body, headers = {} } = answer;
    return { status, statusText: STATUS_CODES[status] ?? '', headers, text: async () => body };
  }
  if (answer.kind === 'mangled') {
    const response = { status: 200, headers: {}, body: answer.body };
    const carrier = { host: new URL(url).hostname, request: `upbit ${method} ${url}`, sleep: async () => undefined };
    return carried({ kind: 'mangled', response, mode: answer.mode, dripMs: 0 }, carrier);
  }
  if (answer.kind === 'unsent') throw new Error('a call that ccxt refuses by itself reached the socket');
  if (answer.cause.startsWith('body ')) {
    return { status: 200, statusText: 'OK', headers: {}, text: async () => Promise.reject(bodyError(answer.cause)) };
  }
  throw socketError(answer.cause);
}

class SocketError extends Error {
  readonly code = 'UND_ERR_SOCKET';
}
class BodyTimeoutError extends Error {
  readonly code = 'UND_ERR_BODY_TIMEOUT';
}
class HTTPParserError extends Error {
  readonly code = 'HPE_INVALID_CONSTANT';
}

const withCode = (message: string, code: string): Error => Object.assign(new Error(message), { code });

/** The errors that Node's sockets and undici raise, as `Exchange.fetch` of ccxt meets them. */
function socketError(cause: NoAnswer): Error {
  switch (cause) {
    case 'timeout':
      return new DOMException('This operation was aborted', 'AbortError');
    case 'fetch failed':
      return new TypeError('fetch failed');
    case 'redirect':
      return new TypeError('fetch failed', { cause: new Error('unexpected redirect') });
    case 'not HTTP':
      return new HTTPParserError('Response does not match the HTTP/1.1 protocol (Expected HTTP/, RTSP/ or ICE/)');
    case 'UND_ERR_SOCKET':
      return new SocketError('other side closed');
    default:
      return withCode(`connect ${cause}`, cause);
  }
}

function bodyError(cause: NoAnswer): Error {
  if (cause === 'body UND_ERR_SOCKET') return new SocketError('other side closed');
  return cause === 'body UND_ERR_BODY_TIMEOUT' ? new BodyTimeoutError('Body Timeout Error') : withCode('read ECONNRESET', 'ECONNRESET');
}
