import type { BinanceMessage } from './market-messages.js';

/** Fields that hold a price or a quantity, of whatever message. */
const FIGURES: ReadonlySet<string> = new Set([
  'p',
  'q',
  'L',
  'l',
  'z',
  'ap',
  'wb',
  'cw',
  'pa',
  'ep',
  'b',
  'B',
  'a',
  'A',
  'o',
  'c',
  'h',
  'v',
  'i',
  'P',
]);
const WORDS: ReadonlySet<string> = new Set(['X']);
const BAD = ['0', '-1', 'NaN'] as const;

/**
 * What no market says: a book whose changes do not follow on the last ones, a crossed one and an empty one in turn; elsewhere figures of
 * zero, below zero and none, and a status that nobody knows.
 *
 * @param turn - which of them.
 */
export function binanceNonsense(message: BinanceMessage, turn: number): BinanceMessage {
  if (message['e'] !== 'depthUpdate') return spoilt(message, BAD[turn % 3] ?? '0');
  const { b, a, pu } = message;
  if (turn % 3 === 0) return { ...message, pu: Number(pu) - 1, U: Number(message['U']) + 1 };
  return turn % 3 === 1 ? { ...message, b: a, a: b } : { ...message, b: [], a: [] };
}

function spoilt(value: BinanceMessage, bad: string): BinanceMessage {
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => {
      if (typeof part === 'string' && FIGURES.has(key)) return [key, bad];
      if (typeof part === 'string' && WORDS.has(key)) return [key, 'FOO'];
      if (Array.isArray(part))
        return [key, part.map((each) => (typeof each === 'object' && each !== null ? spoilt(each as BinanceMessage, bad) : (each as unknown)))];
      return [key, typeof part === 'object' && part !== null ? spoilt(part as BinanceMessage, bad) : part];
    }),
  );
}
