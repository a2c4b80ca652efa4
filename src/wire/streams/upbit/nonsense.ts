import type { UpbitMessage } from './upbit-messages.js';

/** Fields that hold a price or a quantity, of whatever message. */
const FIGURE = /price|volume|size|funds|fee|balance|locked/;
const BAD = [0, -1, null] as const;

/** What no market says: figures of zero, below zero and none, a crossed book, a status that nobody knows. @param turn - which of them. */
export function upbitNonsense(message: UpbitMessage, turn: number): UpbitMessage {
  const units = message['orderbook_units'];
  if (Array.isArray(units) && turn % 3 === 1)
    return {
      ...message,
      orderbook_units: units.map((unit: UpbitMessage) => ({ ...unit, ask_price: unit['bid_price'], bid_price: unit['ask_price'] })),
    };
  if (Array.isArray(units) && turn % 3 === 2) return { ...message, orderbook_units: [] };
  return spoilt(message, BAD[turn % 3] ?? null);
}

function spoilt(value: UpbitMessage, bad: number | null): UpbitMessage {
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => {
      if (typeof part === 'number' && FIGURE.test(key)) return [key, bad];
      if (key === 'state') return [key, 'FOO'];
      if (Array.isArray(part))
        return [key, part.map((each) => (typeof each === 'object' && each !== null ? spoilt(each as UpbitMessage, bad) : (each as unknown)))];
      return [key, part];
    }),
  );
}
