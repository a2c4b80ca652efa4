import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BINANCE_MARKET } from '../exchange/wire-harness.js';

const MINUTE = 60_000;

export interface ServedHistory {
  /** Minutes that Upbit has no candle of, and that Binance has none of. */
  readonly upbitGaps?: ReadonlySet<number>;
  readonly binanceGaps?: ReadonlySet<number>;
  /** The first candle that there is. */
  readonly since: number;
  /** Upbit and Binance give at most so many, whatever they are asked for. */
  readonly upbitMax?: number;
  readonly binanceMax?: number;
  /** Answers a request itself, and says so. */
  readonly misbehave?: (request: IncomingMessage, response: ServerResponse, index: number) => boolean;
}

export const upbitClose = (open: number): number => 150_000_000 + ((open / MINUTE) % 997) * 1_000;
export const binanceClose = (open: number): number => 100_000 + ((open / MINUTE) % 991) / 10;
export const fixing = (day: number): number => 1_380 + ((day / 86_400_000) % 13);

export interface HistoryServer {
  readonly url: string;
  requests: string[];
  /** What it has from now on; its address stays. */
  serve(next: ServedHistory): void;
  readonly close: () => Promise<void>;
}

/** Both venues' public history and the table of rates, as their documents have them, on one port of the loopback interface. */
export async function historyServer(first: ServedHistory): Promise<HistoryServer> {
  let served = first;
  const server = createServer((request, response) => {
    live.requests.push(request.url ?? '');
    if (served.misbehave?.(request, response, live.requests.length) === true) return;
    const url = new URL(request.url ?? '', 'http://x');
    const body = answer(url, served);
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(body ?? {}));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const live: HistoryServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    serve: (next) => {
      served = next;
      live.requests = [];
    },
    close: () =>
      new Promise((closed) => {
        server.closeAllConnections();
        server.close(() => closed());
      }),
  };
  return live;
}

function answer(url: URL, served: ServedHistory): unknown {
  const of = (name: string): number => Number(url.searchParams.get(name));
  const path = url.pathname;
  if (path === '/v1/market/all') return ['KRW-BTC', 'KRW-USDT'].map((market) => ({ market }));
  const minutes = /^\/v1\/candles\/minutes\/(\d+)$/.exec(path)?.[1];
  if (minutes !== undefined) return upbitCandles(url, Number(minutes) * MINUTE, served);
  if (path === '/fapi/v1/exchangeInfo') return { symbols: [BINANCE_MARKET] };
  if (path === '/fapi/v1/klines') return klines(of('startTime'), of('endTime'), Math.min(of('limit'), served.binanceMax ?? 1_500), served);
  if (path === '/fapi/v1/fundingRate') return funding(of('startTime'), of('endTime'), of('limit'));
  const days = /^\/v1\/(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)$/.exec(path);
  if (days !== null) return rates(Date.parse(days[1] ?? ''), Date.parse(days[2] ?? ''));
  return undefined;
}

/** Backwards from `to`, which does not count; minutes without a trade have no candle. */
function upbitCandles(url: URL, step: number, served: ServedHistory): unknown {
  const market = url.searchParams.get('market');
  const count = Math.min(Number(url.searchParams.get('count')), served.upbitMax ?? 200);
  const candles: unknown[] = [];
  const to = url.searchParams.get('to');
  for (let open = Math.ceil(Date.parse(to ?? '') / step) * step - step; open >= served.since && candles.length < count; open -= step) {
    if (served.upbitGaps?.has(open) === true) continue;
    const price = market === 'KRW-USDT' ? 1_400 : upbitClose(open);
    candles.push({
      market,
      candle_date_time_utc: new Date(open).toISOString().slice(0, 19),
      opening_price: price,
      high_price: price + 1,
      low_price: price - 1,
      trade_price: price,
      timestamp: open + step - 1,
      candle_acc_trade_volume: 0.00000123 + (open % 7),
    });
  }
  return candles;
}

function klines(from: number, to: number, limit: number, served: ServedHistory): unknown {
  const rows: unknown[] = [];
  for (let open = Math.ceil(Math.max(from, served.since) / MINUTE) * MINUTE; open <= to && rows.length < limit; open += MINUTE) {
    if (served.binanceGaps?.has(open) === true) continue;
    const price = binanceClose(open);
    rows.push(
      [open, price, price + 1, price - 1, price, '1.5', open + MINUTE - 1, '0', 1, '0', '0', '0'].map((cell) =>
        cell === price ? String(cell) : cell,
      ),
    );
  }
  return rows;
}

function funding(from: number, to: number, limit: number): unknown {
  const rows: unknown[] = [];
  const step = 8 * 3_600_000;
  for (let at = Math.ceil(from / step) * step; at <= to && rows.length < limit; at += step)
    rows.push({ symbol: 'BTCUSDT', fundingTime: at + 3, fundingRate: '0.00010000', markPrice: '100000' });
  return rows;
}

/** Business days only. */
function rates(from: number, to: number): unknown {
  const found: Record<string, unknown> = {};
  for (let day = from; day <= to; day += 86_400_000)
    if (![0, 6].includes(new Date(day).getUTCDay())) found[new Date(day).toISOString().slice(0, 10)] = { KRW: fixing(day) };
  return { amount: 1, base: 'USD', start_date: '', end_date: '', rates: found };
}
