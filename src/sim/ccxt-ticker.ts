import type { ClientTicker } from '../exchange/exchange-client.js';
import { isoTime, numberOf, numberUnlessZero } from './ccxt-numbers.js';
import { Precise } from './ccxt-precise.js';

type Text = string | undefined;

/** The texts of an answer that ccxt makes a ticker of; either may be missing from a garbled one. */
export interface TickerTexts {
  readonly open: Text;
  readonly last: Text;
  readonly change: Text;
  readonly percentage: Text;
  readonly high: Text;
  readonly low: Text;
  readonly vwap?: Text;
  readonly baseVolume: Text;
  readonly quoteVolume: Text;
  readonly previousClose?: Text;
}

const PERCENT = '100';
const unlessZero = (text: Text): Text => (text === undefined || Number(text) === 0 ? undefined : text);

/**
 * What ccxt 4.5.84 makes of a ticker (`safeTicker`): figures that are missing it works out from the others.
 *
 * @param priceDecimals - of the market's tick; the mean of open and close is cut to them.
 */
export function tickerOf(symbol: string, timestamp: number | undefined, info: unknown, texts: TickerTexts, priceDecimals: number): ClientTicker {
  const { open, close, change, percentage } = completed(texts);
  const average = open === undefined || close === undefined ? undefined : Precise.stringDiv(Precise.stringAdd(open, close), '2', priceDecimals);
  const vwap = texts.vwap ?? quotient(unlessZero(texts.quoteVolume), texts.baseVolume);
  const last = numberUnlessZero(close);
  return {
    symbol,
    timestamp,
    datetime: isoTime(timestamp),
    high: numberUnlessZero(texts.high),
    low: numberUnlessZero(texts.low),
    bid: undefined,
    bidVolume: undefined,
    ask: undefined,
    askVolume: undefined,
    vwap: numberOf(vwap),
    open: numberUnlessZero(open),
    close: last,
    last,
    previousClose: numberOf(texts.previousClose),
    change: numberOf(change),
    percentage: numberOf(percentage),
    average: numberOf(average),
    baseVolume: numberOf(texts.baseVolume),
    quoteVolume: numberOf(texts.quoteVolume),
    info,
    indexPrice: undefined,
    markPrice: undefined,
  } as ClientTicker;
}

interface Completed {
  readonly open: Text;
  readonly close: Text;
  readonly change: Text;
  readonly percentage: Text;
}

/** Any two of open, close and change give the third; a percentage stands in for a change. */
function completed(texts: TickerTexts): Completed {
  const close = unlessZero(texts.last);
  const percentage = unlessZero(texts.percentage);
  const open = unlessZero(texts.open) ?? openOf(close, texts.change, percentage);
  const change = texts.change ?? changeOf(open, close, percentage);
  if (open === undefined) return { open, close, change, percentage };
  return {
    open,
    close: close ?? (change === undefined ? undefined : Precise.stringAdd(open, change)),
    change,
    percentage: percentage ?? (change === undefined ? undefined : Precise.stringMul(Precise.stringDiv(change, open), PERCENT)),
  };
}

function openOf(close: Text, change: Text, percentage: Text): Text {
  if (close === undefined) return undefined;
  if (change !== undefined) return Precise.stringSub(close, change);
  if (percentage === undefined) return undefined;
  return Precise.stringDiv(close, Precise.stringAdd('1', Precise.stringDiv(percentage, PERCENT)));
}

function changeOf(open: Text, close: Text, percentage: Text): Text {
  if (open !== undefined && close !== undefined) return Precise.stringSub(close, open);
  if (percentage === undefined) return undefined;
  const fraction = Precise.stringDiv(percentage, PERCENT);
  // ccxt divides by a hundred twice here.
  if (close !== undefined) return Precise.stringMul(fraction, Precise.stringDiv(close, PERCENT));
  return open === undefined ? undefined : Precise.stringMul(open, fraction);
}

const quotient = (numerator: Text, denominator: Text): Text =>
  numerator === undefined || denominator === undefined ? undefined : Precise.stringDiv(numerator, denominator);
