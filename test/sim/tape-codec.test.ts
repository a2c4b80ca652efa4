import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fixed, type Btc, type Fixed, type Usdt } from '../../src/core/money.js';
import { epochMs } from '../../src/core/units.js';
import { decodeTapeEvent, encodeTapeEvent } from '../../src/sim/tape-codec.js';
import type { TapeEvent } from '../../src/sim/tape-event.js';
import { MemoryTape } from '../../src/sim/tape.js';

const amount = fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n });
const time = fc.integer({ min: 0, max: 4_102_444_800_000 }).map(epochMs);
const word = fc.string({ maxLength: 12 });
const base = { seq: fc.nat(), t: time };
const venue = fc.constantFrom('upbit' as const, 'binance' as const);

const event: fc.Arbitrary<TapeEvent> = fc.oneof(
  fc.record({
    ...base,
    type: fc.constant('posting' as const),
    venue,
    asset: fc.constantFrom('BTC' as const, 'KRW' as const, 'USDT' as const),
    amount: amount.map((units) => fixed<Fixed<string>>(units)),
    reason: fc.constant('trade' as const),
    ref: word,
  }),
  fc.record({
    ...base,
    type: fc.constant('request' as const),
    request: fc.nat(),
    point: word,
    venue,
    method: word,
    leg: fc.constant('spot' as const),
    purpose: fc.constant('open' as const),
    flow: fc.nat(),
    quantity: fc.option(
      amount.map((units) => fixed<Btc>(units)),
      { nil: undefined },
    ),
    reduceOnly: fc.option(fc.boolean(), { nil: undefined }),
  }),
  fc.record({
    ...base,
    type: fc.constant('mark' as const),
    why: fc.constant('second' as const),
    upbitMid: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }), { nil: undefined }),
    spot: amount.map((units) => fixed<Btc>(units)),
    perp: amount.map((units) => fixed<Btc>(units)),
  }),
  fc.record({
    ...base,
    type: fc.constant('funding' as const),
    rate: fc.double({ min: -0.01, max: 0.01, noNaN: true }),
    markPrice: fc.constant(89_500),
    position: amount.map((units) => fixed<Btc>(units)),
    amount: amount.map((units) => fixed<Usdt>(units)),
  }),
  fc.record({
    ...base,
    type: fc.constant('premium.series' as const),
    times: fc.array(fc.nat(), { maxLength: 4 }),
    premium: fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 4 }),
    z: fc.array(fc.constantFrom(null, 1.5), { maxLength: 4 }),
  }),
  fc.record({
    ...base,
    type: fc.constant('operator' as const),
    action: fc.constantFrom('kill-switch' as const, 'unlock' as const),
    level: fc.constantFrom(undefined, 'opening' as const, 'flatten' as const, 'freeze' as const),
  }),
  fc.record({ ...base, type: fc.constant('note' as const), text: word }),
);

/** An event as JSON can hold it: absent instead of undefined, no negative zero. */
const asJson = (value: TapeEvent): TapeEvent =>
  Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .map(([name, field]) => [name, Object.is(field, -0) ? 0 : (field as unknown)]),
  ) as unknown as TapeEvent;

test('any event, encoded and decoded: comes back as it was, and encodes to the same line again', () => {
  fc.assert(
    fc.property(event, (value) => {
      const line = encodeTapeEvent(value);
      const back = decodeTapeEvent(line);
      if (value.type !== 'premium.series') expect(back).toEqual(asJson(value));
      expect(encodeTapeEvent(back)).toBe(line);
      expect(line).not.toContain('\n');
    }),
  );
});

test('events with their keys in another order: the same bytes', () => {
  const forward: TapeEvent = {
    seq: 3,
    t: epochMs(5),
    type: 'order.ended',
    venue: 'upbit',
    orderId: 'o',
    status: 'filled',
    executed: fixed<Btc>(5_000_000n),
    leg: 'spot',
    flow: 1,
  };
  const backward = Object.fromEntries(Object.entries(forward).reverse()) as unknown as TapeEvent;
  expect(encodeTapeEvent(backward)).toBe(encodeTapeEvent(forward));
  expect(encodeTapeEvent(forward)).toBe(
    '{"seq":3,"t":5,"type":"order.ended","venue":"upbit","orderId":"o","status":"filled","executed":"0.05","leg":"spot","flow":1}',
  );
});

test.each([
  { name: 'broken JSON', line: '{"seq":1', says: /not a line of JSON/ },
  { name: 'an unknown type', line: '{"seq":1,"t":2,"type":"tade"}', says: /known type/ },
  {
    name: 'an amount as a number',
    line: '{"seq":1,"t":2,"type":"posting","venue":"upbit","asset":"BTC","amount":1,"reason":"trade","ref":"x"}',
    says: /decimal string, found 1/,
  },
])('a tape line with $name: refused with the file and the line', ({ line, says }) => {
  expect(() => decodeTapeEvent(line, { file: 'tape.jsonl', line: 12 })).toThrow(says);
  expect(() => decodeTapeEvent(line, { file: 'tape.jsonl', line: 12 })).toThrow(/tape\.jsonl:12/);
});

test('a figure that is not finite: refused when it is written', () => {
  const broken: TapeEvent = { seq: 1, t: epochMs(1), type: 'mark', why: 'end', upbitMid: Number.NaN, spot: fixed<Btc>(0n), perp: fixed<Btc>(0n) };
  expect(() => encodeTapeEvent(broken)).toThrow(/finite/);
});

test('a tape in memory: numbers its events, tells listeners, and hashes the very bytes of its lines', () => {
  const tape = new MemoryTape();
  const heard: number[] = [];
  tape.onEvent(({ seq }) => heard.push(seq));
  tape.write({ t: epochMs(1), type: 'note', text: 'one' });
  tape.write({ t: epochMs(2), type: 'note', text: 'two' });
  const text = [...tape.lines()].join('');
  expect(text).toBe('{"seq":1,"t":1,"type":"note","text":"one"}\n{"seq":2,"t":2,"type":"note","text":"two"}\n');
  expect(heard).toEqual([1, 2]);
  expect(tape.hash()).toBe(createHash('sha256').update(text).digest('hex'));
});
