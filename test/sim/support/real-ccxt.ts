import ccxt from 'ccxt';
import { epochMs } from '../../../src/core/units.js';
import { marginTiersAt } from '../../../src/exchange/margin-tiers.js';
import { profileAt } from '../../../src/exchange/venue-profiles.js';
import { exchangeInfoBody, leverageBracketBody } from '../../../src/sim/binance-bodies.js';
import { bracketsOf } from '../../../src/sim/binance-shapes.js';
import { rulesOf } from '../../../src/sim/venue-rules.js';
import { START } from './world.js';

/** A request that a real client was about to send. */
export interface SentRequest {
  readonly method: string;
  readonly path: string;
  /** Without what signing adds. */
  readonly params: Record<string, string>;
}

type Parser = Record<string, (...args: unknown[]) => unknown> & { options: Record<string, unknown>; fetch: unknown };

function offline<T>(client: T, sent: SentRequest[]): T {
  const open = client as unknown as Parser;
  open.fetch = async (url: string, method: string, _headers: unknown, body: string | undefined) => {
    const { pathname, search } = new URL(url);
    const text = body ?? search.slice(1);
    const params: Record<string, string> = text.startsWith('{')
      ? (JSON.parse(text) as Record<string, string>)
      : Object.fromEntries(new URLSearchParams(text));
    for (const name of ['timestamp', 'recvWindow', 'signature']) Reflect.deleteProperty(params, name);
    sent.push({ method, path: pathname, params });
    throw new ccxt.NetworkError('offline');
  };
  return client;
}

/** Real ccxt clients with our markets loaded and no network: what they would send is kept in `sent`. */
export function realClients() {
  const sent: SentRequest[] = [];
  const keys = { apiKey: 'K', secret: 'S', enableRateLimit: false };
  const upbit = offline(new ccxt.upbit(keys), sent);
  const binance = offline(new ccxt.binanceusdm(keys), sent);
  const rules = rulesOf(profileAt('binance', START), {});
  const info = exchangeInfoBody(rules, epochMs(START)) as { symbols: unknown[] };
  upbit.setMarkets([upbit.parseMarket({ market: 'KRW-BTC' })]);
  binance.setMarkets([binance.parseMarket(info.symbols[0] as object)]);
  binance.options['leverageBrackets'] = { 'BTC/USDT:USDT': bracketsOf(leverageBracketBody(marginTiersAt(START).value)).map((row) => [...row]) };
  return { upbit, binance, sent, parse: { upbit: upbit as unknown as Parser, binance: binance as unknown as Parser } };
}
