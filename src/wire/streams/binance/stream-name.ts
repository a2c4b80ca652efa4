import { BINANCE_FRAMES } from '../../../sim/candle-frames.js';
import { BINANCE_SYMBOL } from '../../../sim/binance-order.js';

/** Which base address a stream is served on; each serves its own only. */
export type StreamTier = 'public' | 'market';

export type MarketStream =
  | { readonly kind: 'depth'; readonly rateMs: number; readonly levels: number | undefined }
  | { readonly kind: 'bookTicker' | 'aggTrade' | 'trade' | 'ticker' | 'miniTicker' | 'forceOrder' }
  | { readonly kind: 'markPrice'; readonly everyMs: number }
  | { readonly kind: 'kline'; readonly interval: string };

/** A name of a market stream, understood. */
export interface StreamName {
  readonly stream: MarketStream;
  readonly tier: StreamTier;
  /** Its messages are lists of all markets. */
  readonly isList: boolean;
  /** No market of ours: the venue takes the name, and nothing ever comes. */
  readonly isSilent: boolean;
}

const DEPTH = /^depth(5|10|20)?(?:@(100|250|500)ms)?$/;
const DEPTH_RATE_MS = 250;
const MARK_PRICE = /^markPrice(@1s)?$/;
const MARK_PRICE_MS = 3_000;
const KLINE = /^kline_(\w+)$/;
const PLAIN = ['bookTicker', 'aggTrade', 'trade', 'ticker', 'miniTicker', 'forceOrder'] as const;
const PUBLIC: ReadonlySet<MarketStream['kind']> = new Set(['depth', 'bookTicker', 'trade']);
/** Streams of all markets: `!bookTicker` comes one by one, the others as lists. */
const OF_ALL: Readonly<Record<string, string>> = {
  '!bookTicker': 'bookTicker',
  '!ticker@arr': 'ticker',
  '!miniTicker@arr': 'miniTicker',
  '!forceOrder@arr': 'forceOrder',
  '!markPrice@arr': 'markPrice',
  '!markPrice@arr@1s': 'markPrice@1s',
};
const LISTS = /^!(ticker|miniTicker|markPrice)@arr/;

/** @returns undefined for a name that no stream can have. */
export function parseStreamName(name: string): StreamName | undefined {
  const ofAll = OF_ALL[name];
  const [symbol = '', ...rest] = name.split('@');
  const stream = streamOf(ofAll ?? rest.join('@'));
  if (stream === undefined || (ofAll === undefined && !/^[a-z0-9_]+$/.test(symbol))) return undefined;
  return {
    stream,
    tier: PUBLIC.has(stream.kind) ? 'public' : 'market',
    isList: LISTS.test(name),
    isSilent: ofAll === undefined && symbol.toUpperCase() !== BINANCE_SYMBOL,
  };
}

function streamOf(text: string): MarketStream | undefined {
  const depth = DEPTH.exec(text);
  if (depth !== null)
    return { kind: 'depth', rateMs: Number(depth[2] ?? DEPTH_RATE_MS), levels: depth[1] === undefined ? undefined : Number(depth[1]) };
  const mark = MARK_PRICE.exec(text);
  if (mark !== null) return { kind: 'markPrice', everyMs: mark[1] === undefined ? MARK_PRICE_MS : 1_000 };
  const interval = KLINE.exec(text)?.[1];
  if (interval !== undefined) return BINANCE_FRAMES[interval] === undefined ? undefined : { kind: 'kline', interval };
  const plain = PLAIN.find((kind) => kind === text);
  return plain === undefined ? undefined : { kind: plain };
}
