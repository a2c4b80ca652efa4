import type { VenueId } from '../core/units.js';
import type { CertaintyRow, CertaintySource, Gives, NoAnswer, UnsentCall, Verdicts } from './certainty-row.js';
import { doubt, gateway, row, taken } from './certainty-row.js';
import { TRANSPORT_MODES, transportEffect } from './transport-fault.js';

const page = (title: string): string =>
  `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>`;

/** Statuses whose body is a page or text of a proxy, a firewall or a load balancer: nobody knows what stood behind it. */
const PAGES: readonly (readonly [status: number, body: string, gives: Gives, variant: string])[] = [
  [400, page('400 Bad Request'), 'ExchangeNotAvailable', 'page'],
  [401, 'Unauthorized', 'AuthenticationError', 'text'],
  [403, page('403 Forbidden'), 'ExchangeNotAvailable', 'page of a firewall'],
  [404, page('404 Not Found'), 'ExchangeNotAvailable', 'page'],
  [405, page('405 Not Allowed'), 'ExchangeNotAvailable', 'page'],
  [408, page('408 Request Time-out'), 'RequestTimeout', 'page'],
  [409, page('409 Conflict'), 'ExchangeNotAvailable', 'page'],
  [410, page('410 Gone'), 'ExchangeNotAvailable', 'page'],
  [422, page('422 Unprocessable Entity'), 'ExchangeError', 'page'],
  [451, 'Service unavailable from a restricted location', 'ExchangeNotAvailable', 'text'],
  [500, page('500 Internal Server Error'), 'ExchangeNotAvailable', 'page'],
  [500, '', 'ExchangeNotAvailable', 'empty'],
  [502, page('502 Bad Gateway'), 'ExchangeNotAvailable', 'page'],
  [503, page('503 Service Temporarily Unavailable'), 'ExchangeNotAvailable', 'page'],
  [503, 'Unknown error, please check your request or try again later.', 'ExchangeNotAvailable', 'text: unknown'],
  [503, 'Service Unavailable.', 'ExchangeNotAvailable', 'text: failure'],
  [504, page('504 Gateway Time-out'), 'RequestTimeout', 'page'],
  [520, 'error code: 520', 'ExchangeNotAvailable', 'text'],
  [521, 'error code: 521', 'ExchangeNotAvailable', 'text'],
  [522, 'error code: 522', 'ExchangeNotAvailable', 'text'],
  [525, 'error code: 525', 'ExchangeNotAvailable', 'text'],
  [530, 'error code: 1033', 'ExchangeNotAvailable', 'text'],
];

const BROKEN_CONNECTIONS: readonly (readonly [cause: NoAnswer, gives: Gives, key: string])[] = [
  ['timeout', 'RequestTimeout', 'timeout'],
  ['fetch failed', 'NetworkError', 'network'],
  ['ECONNRESET', 'NetworkError', 'network'],
  ['ECONNREFUSED', 'NetworkError', 'network'],
  ['ENOTFOUND', 'NetworkError', 'network'],
  ['EAI_AGAIN', 'NetworkError', 'network'],
  ['ETIMEDOUT', 'NetworkError', 'network'],
  ['EPIPE', 'NetworkError', 'network'],
  ['UND_ERR_SOCKET', 'NetworkError', 'network'],
  ['UND_ERR_CONNECT_TIMEOUT', 'NetworkError', 'network'],
  ['UND_ERR_HEADERS_TIMEOUT', 'NetworkError', 'network'],
  ['redirect', 'NetworkError', 'network'],
  ['not HTTP', 'HTTPParserError', 'not ccxt'],
  ['body ECONNRESET', 'Error', 'not ccxt'],
  ['body UND_ERR_SOCKET', 'SocketError', 'not ccxt'],
  ['body UND_ERR_BODY_TIMEOUT', 'BodyTimeoutError', 'not ccxt'],
];

const UNSENT: Readonly<Record<VenueId, readonly (readonly [call: UnsentCall, gives: Gives, verdicts: Verdicts])[]>> = {
  upbit: [
    ['no price', 'InvalidOrder', gateway('invalid-order')],
    ['unknown symbol', 'BadSymbol', gateway('invalid-order')],
    ['no keys', 'AuthenticationError', gateway('halt')],
    ['no type', 'InvalidOrder', gateway('invalid-order')],
  ],
  binance: [
    ['below step', 'InvalidOrder', gateway('invalid-order')],
    ['unknown symbol', 'BadSymbol', gateway('invalid-order')],
    ['no keys', 'AuthenticationError', gateway('halt')],
    ['no type', 'InvalidOrder', gateway('invalid-order')],
  ],
};

const order = {
  upbit: {
    uuid: '9e8f8eba-7050-4837-8969-cfc272cbe083',
    side: 'ask',
    ord_type: 'limit',
    price: '150000000',
    state: 'wait',
    market: 'KRW-BTC',
    created_at: '2026-01-05T09:00:00+09:00',
    volume: '0.01',
    remaining_volume: '0.01',
    executed_volume: '0',
    reserved_fee: '0',
    remaining_fee: '0',
    paid_fee: '0',
    locked: '0.01',
    trades_count: 0,
    identifier: 'hd-1',
  },
  binance: {
    orderId: 283194212,
    symbol: 'BTCUSDT',
    status: 'NEW',
    clientOrderId: 'hd-1',
    price: '100000.00',
    avgPrice: '0.00000',
    origQty: '0.010',
    executedQty: '0.000',
    cumQuote: '0.00000',
    timeInForce: 'GTC',
    type: 'LIMIT',
    reduceOnly: false,
    side: 'SELL',
    positionSide: 'BOTH',
    stopPrice: '0.00',
    updateTime: 1767571200000,
  },
} as const;

/** HTTP 200 answers that are or should be an order. A text where an object was expected breaks ccxt's Binance parser, not its Upbit one. */
function replies(venue: VenueId): CertaintyRow[] {
  const live = JSON.stringify(order[venue]);
  const noId: Gives = 'order without id';
  const reply = (body: string, gives: Gives, key: string, variant?: string, source: CertaintySource = 'ccxt'): CertaintyRow =>
    row(venue, key, { kind: 'http', status: 200, body }, gives, gives === 'order' ? taken : doubt(), source, variant);
  const garbled = (body: string, variant: string): CertaintyRow =>
    venue === 'upbit' ? reply(body, noId, 'order without id', variant) : reply(body, 'TypeError', 'not ccxt', `200 ${variant}`);
  const without = JSON.stringify({ ...order[venue], uuid: undefined, orderId: undefined });
  const odd = JSON.stringify(venue === 'upbit' ? { ...order.upbit, state: 'watch' } : { ...order.binance, status: 'NEW_ADL' });
  const stateless = JSON.stringify({ ...order[venue], state: undefined, status: undefined });
  return [
    reply(live, 'order', 'order open'),
    reply(without, noId, 'order without id', 'others complete'),
    reply('{}', noId, 'order without id', '{}'),
    reply('[]', noId, 'order without id', '[]'),
    garbled('', 'empty'),
    garbled('{', 'cut'),
    garbled(live.slice(0, 120), 'cut in mid-order'),
    garbled('null', 'null'),
    garbled(page('OK'), 'page'),
    reply(odd, 'order of unmapped status', venue === 'upbit' ? 'order watch' : 'order NEW_ADL'),
    reply(stateless, 'order of unmapped status', 'order undefined'),
  ];
}

/** An accepted order whose connection breaks the answer, in every way that a socket can. */
function mangledReplies(venue: VenueId): CertaintyRow[] {
  const body = JSON.stringify(order[venue]);
  return TRANSPORT_MODES.map((mode) => {
    const effect = transportEffect(mode);
    const [gives, key]: [Gives, string] =
      effect.kind === 'network'
        ? ['NetworkError', 'network']
        : effect.kind === 'raw'
          ? [effect.error, 'not ccxt']
          : effect.kind === 'whole'
            ? ['order', 'order open']
            : venue === 'upbit'
              ? ['order without id', 'order without id']
              : ['TypeError', 'not ccxt'];
    return row(venue, key, { kind: 'mangled', mode, body }, gives, effect.kind === 'whole' ? taken : doubt(), 'loopback', `transport: ${mode}`);
  });
}

/** The rows that both venues share in form: proxies' pages, broken connections, calls never sent, and 200s. */
export function sharedRows(venue: VenueId): CertaintyRow[] {
  const limited: Gives = venue === 'binance' ? 'DDoSProtection' : 'RateLimitExceeded';
  const limits: CertaintySource = venue === 'binance' ? 'binance-general' : 'upbit-limits';
  const http = (status: number, body: string, gives: Gives, verdicts: Verdicts, source: CertaintySource, variant?: string): CertaintyRow =>
    row(
      venue,
      `http ${status}`,
      { kind: 'http', status, body, ...(status === 418 ? { headers: { 'Retry-After': '120' } } : {}) },
      gives,
      verdicts,
      source,
      variant,
    );
  const bodies =
    venue === 'binance'
      ? {
          limited:
            '{"code":-1003,"msg":"Too many requests; current limit of IP(203.0.113.7) is 2400 requests per minute. Please use the websocket for live updates to avoid polling the API."}',
          banned:
            '{"code":-1003,"msg":"Way too many requests; IP(203.0.113.7) banned until 1767571320000. Please use the websocket for live updates to avoid bans."}',
        }
      : { limited: '{"name":429,"message":"Too many API requests."}', banned: '{"name":418,"message":"blocked"}' };
  return [
    http(429, bodies.limited, limited, gateway('back-off'), limits, 'JSON'),
    http(429, 'Too many API requests.', limited, gateway('back-off'), limits, 'text'),
    http(418, bodies.banned, 'DDoSProtection', gateway('back-off'), limits, 'JSON'),
    http(418, 'blocked', 'DDoSProtection', gateway('back-off'), limits, 'text'),
    ...(venue === 'binance'
      ? [
          http(
            429,
            '{"code":-1015,"msg":"Too many new orders; current limit is 300 orders per TEN_SECONDS."}',
            limited,
            gateway('back-off'),
            limits,
            'JSON -1015',
          ),
        ]
      : []),
    ...PAGES.map(([status, body, gives, variant]) => http(status, body, gives, doubt(), 'caution', variant)),
    ...BROKEN_CONNECTIONS.map(([cause, gives, key]) =>
      row(venue, key, { kind: 'none', cause }, gives, doubt(), 'caution', cause === key ? undefined : cause),
    ),
    ...UNSENT[venue].map(([call, gives, verdicts]) =>
      call === 'no keys'
        ? row(venue, 'unsent, no keys', { kind: 'unsent', call }, gives, verdicts, 'ccxt')
        : row(venue, 'unsent', { kind: 'unsent', call }, gives, verdicts, 'ccxt', call),
    ),
    ...replies(venue),
    ...mangledReplies(venue),
  ];
}
