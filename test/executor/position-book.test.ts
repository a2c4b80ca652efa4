import { describe, expect, test } from 'vitest';
import { parseFixed, type Btc } from '../../src/core/money.js';
import { epochMs } from '../../src/core/units.js';
import { PositionBook, type Attempt } from '../../src/executor/position-book.js';
import type { JournalEvent } from '../../src/journal/journal-event.js';

const btc = (text: string): Btc => parseFixed<Btc>(text);
type Body = JournalEvent extends infer E ? (E extends unknown ? Omit<E, 't' | 'flow'> : never) : never;
const at = (t: number, body: Body): JournalEvent => ({ t: epochMs(t), flow: 'enter-1', ...body });

const started = at(1, { type: 'flow.started', kind: 'enter', quantity: btc('0.05'), positionIds: [], decidedAt: epochMs(1) });
const intent = (clientOrderId: string): JournalEvent =>
  at(2, {
    type: 'intent',
    intentId: 'i',
    clientOrderId,
    attempt: 1,
    leg: 'spot',
    venue: 'upbit',
    side: 'buy',
    purpose: 'open',
    orderType: 'market',
    quantity: btc('0.05'),
    reduceOnly: false,
  });
const settled = (t: number, executed: string, certainty: 'proven' | 'presumed-zero'): JournalEvent =>
  at(t, { type: 'order.settled', clientOrderId: 'a', executed: btc(executed), quoteExecuted: parseFixed('1'), certainty });
const adopted = at(5, { type: 'holdings.adopted', leg: 'spot', from: btc('0'), to: btc('0.03'), reason: 'r' });

const after = (...events: readonly JournalEvent[]): PositionBook => PositionBook.from(events.map((event, index) => ({ seq: index + 1, event })));

describe('position book', () => {
  test.each([
    { name: 'an intent alone', events: [], spot: '0' },
    { name: 'a settled buy', events: [settled(3, '0.05', 'proven')], spot: '0.05' },
    {
      name: 'the same settlement twice (an append that was tried again)',
      events: [settled(3, '0.05', 'proven'), settled(3, '0.05', 'proven')],
      spot: '0.05',
    },
    { name: 'counted as zero, then found filled', events: [settled(3, '0', 'presumed-zero'), settled(9, '0.05', 'proven')], spot: '0.05' },
    { name: 'holdings adopted while it is in doubt, then counted as zero', events: [adopted, settled(6, '0', 'presumed-zero')], spot: '0.03' },
    {
      name: 'holdings adopted while it is in doubt, then found filled: it is in them already',
      events: [adopted, settled(6, '0', 'presumed-zero'), settled(9, '0.03', 'proven')],
      spot: '0.03',
    },
  ])('after $name: holds $spot', ({ events, spot }) => {
    expect(after(started, intent('a'), ...events).spot).toBe(btc(spot));
  });

  test('an intent that stands twice is one attempt', () => {
    const book = after(started, intent('a'), intent('a'));
    expect(book.unsettled()).toHaveLength(1);
    expect(book.openFlows()[0]?.attempts).toHaveLength(1);
  });

  test('a watched id ends with its time, and no longer bars entries once a human has resumed', () => {
    const events = [started, intent('a'), settled(1_000, '0', 'presumed-zero')];
    const agedUntil =
      (now: number) =>
      (attempt: Attempt): number =>
        now - (attempt.settled?.at ?? 0);
    expect(after(...events).watched(agedUntil(600_999), 600_000)).toHaveLength(1);
    expect(after(...events).watched(agedUntil(601_000), 600_000)).toHaveLength(0);
    const resumed = after(...events, at(2_000, { type: 'resume', by: 'operator' }));
    expect(resumed.watched(agedUntil(3_000), 600_000)).toHaveLength(1);
    expect(resumed.quarantined(agedUntil(3_000), 600_000)).toHaveLength(0);
  });

  test('a flow that ended well is forgotten with its proven orders; one that locked is kept until its doubts are settled', () => {
    const end = (outcome: 'hedged' | 'locked'): JournalEvent =>
      at(4, { type: 'flow.ended', outcome, spot: btc('0'), perp: btc('0'), residual: btc('0'), reason: '' });
    expect(after(started, intent('a'), settled(3, '0.05', 'proven'), end('hedged')).attempts()).toHaveLength(0);
    expect(after(started, intent('a'), end('locked')).unsettled()).toHaveLength(1);
  });

  test.each([
    { executed: '0.02', laterMs: 1_000, kept: 1 },
    { executed: '0.02', laterMs: 86_500_000, kept: 0 },
    { executed: '0.05', laterMs: 1_000, kept: 0 },
  ])('an order that a cancel of ours ended at $executed of 0.05: $kept kept when a flow ends $laterMs ms later', ({ executed, laterMs, kept }) => {
    const cancelled = at(2, { type: 'answer', clientOrderId: 'a', operation: 'cancelOrder', certainty: 'accepted', row: 'r' });
    const end = at(3 + laterMs, { type: 'flow.ended', outcome: 'hedged', spot: btc('0'), perp: btc('0'), residual: btc('0'), reason: '' });
    const book = after(started, intent('a'), cancelled, settled(3, executed, 'proven'), end);
    expect(book.cancelledShort(() => 0, 60_000)).toHaveLength(kept);
    expect(book.attempts()).toHaveLength(kept);
  });
});
