import { addMs } from '../../../../src/core/units.js';
import { worth } from '../../../../src/drill/oracle/exact.js';
import type { InvariantId } from '../../../../src/drill/oracle/oracle-report.js';
import type { JournalEvent } from '../../../../src/journal/journal-event.js';
import type { TapeEvent } from '../../../../src/sim/tape-event.js';
import { believed, change, drop, dropJournal, type Evidence, first, insertAfter, pick, type RunOf } from './judged-run.js';

/** An entry, a day's wait with funding in it, an exit. */
export const ROUND_TRIP = `apiVersion: scenario/v1
kind: Scenario
id: round-trip
title: An entry, a funding settlement and an exit
include: [lib/venues.yaml#calm]
flow: [{ do: enter, qty: "0.05" }, { do: hold, for: 3m }, { do: exit }]
faults:
  - id: funding
    when: { venue: binance, at: { event: leg.done, leg: perp, plus: 1m } }
    inject: { account: { fundingRate: 0.0001 } }
expect: { outcome: [hedged, flat], within: 5m }
`;

const QUIET: RunOf = { scenario: ROUND_TRIP };
const CASE_A: RunOf = { scenario: 'case-a-spot-filled-perp-refused' };
const CASE_A_MARKET: RunOf = { scenario: 'case-a-market-spot-first' };
const BANNED: RunOf = { scenario: 'ban-during-rollback', seed: '100' };
const CRASHED: RunOf = { scenario: 'crash-between-legs' };
const LOST: RunOf = { scenario: 'rollback-order-itself-fails' };
const HALTED: RunOf = { scenario: 'kill-switch-during-entry' };
const ONE_FAULT: RunOf = { scenario: 'duel-lost-reply' };

export interface BreakCase {
  readonly id: InvariantId;
  readonly name: string;
  readonly run: RunOf;
  /** What is done to tape and journal; absent: the run itself breaks it. */
  readonly doctor?: (evidence: Evidence) => void;
  /** Part of what the oracle must say: `expected; found`. */
  readonly says: RegExp;
}

const isCreate = (event: { readonly method: string }): boolean => event.method === 'createOrder';
const spotSale = (event: { readonly method: string; readonly leg: string; readonly side?: string | undefined }): boolean =>
  isCreate(event) && event.leg === 'spot' && event.side === 'sell';
const rollback = (event: { readonly method: string; readonly purpose: string }): boolean => isCreate(event) && event.purpose === 'rollback';
const twice = <T extends bigint>(amount: T | undefined): T => ((amount ?? 0n) * 2n) as T;

/** Doubles what a fill was charged, on the fill, its posting and the closing balance: only the rate tells. */
function chargeTwice(evidence: Evidence): void {
  const fill = first(evidence.tape, 'fill', ({ venue }) => venue === 'upbit');
  const posting = first(evidence.tape, 'posting', ({ ref, reason }) => ref === fill.tradeId && reason === 'fee');
  const balance = first(evidence.tape, 'balance', ({ asset }) => asset === 'KRW');
  change(balance, { total: balance.total - fill.fee });
  change(posting, { amount: twice(posting.amount) });
  change(fill, { fee: twice(fill.fee) });
}

function journalAt(evidence: Evidence, t: number, event: JournalEvent): void {
  const index = evidence.journal.findIndex((record) => record.event.t > t);
  const place = index === -1 ? evidence.journal.length : index;
  // Between its neighbours, so that no other record changes its number.
  evidence.journal.splice(place, 0, { seq: (evidence.journal[place - 1]?.seq ?? 0) + 0.5, event });
}

function haltBefore(evidence: Evidence, order: { readonly t: TapeEvent['t'] }): void {
  const t = addMs(order.t, -1);
  journalAt(evidence, t, { t, flow: '-', type: 'halt', level: 'opening', reason: 'scenario' });
}

export const BREAKS: readonly BreakCase[] = [
  {
    id: 'I1',
    name: 'an order without an intent',
    run: QUIET,
    doctor: (evidence) => dropJournal(evidence, (event) => event.type === 'intent' && event.leg === 'perp'),
    says: /perp sell .* left without any intent/,
  },
  {
    id: 'I1',
    name: 'an intent that was durable only after its order had left',
    run: QUIET,
    doctor: (evidence) => {
      const request = first(evidence.tape, 'request', isCreate);
      evidence.context = { ...evidence.context, durableAt: new Map([[request.clientOrderId ?? '', request.seq]]) };
    },
    says: /before its intent was durable/,
  },
  {
    id: 'I2',
    name: 'naive sends again after a time-out',
    run: { scenario: 'crash-hour', executor: 'naive', seed: '8' },
    says: /executed with trade/,
  },
  {
    id: 'I2',
    name: 'a client order id that leaves twice',
    run: QUIET,
    doctor: (evidence) => {
      const request = first(evidence.tape, 'request', isCreate);
      insertAfter(evidence, request, { ...request, request: 9_001 });
    },
    says: /was sent before/,
  },
  {
    id: 'I2',
    name: 'a further attempt while the first is in doubt',
    run: QUIET,
    doctor: (evidence) => {
      const intent = believed(evidence, 'intent');
      journalAt(evidence, intent.t, { ...intent, clientOrderId: 'hd-again', attempt: 2 });
    },
    says: /still in doubt/,
  },
  {
    id: 'I3',
    name: 'naive leaves a naked leg behind',
    run: { scenario: 'ban-during-rollback', executor: 'naive', seed: '100' },
    says: /was left open/,
  },
  {
    id: 'I3',
    name: 'a lock in silence',
    run: LOST,
    doctor: (evidence) => dropJournal(evidence, ({ type }) => type === 'alert'),
    says: /no alert told of it/,
  },
  {
    id: 'I3',
    name: 'an alert without a lock',
    run: LOST,
    doctor: (evidence) => dropJournal(evidence, ({ type }) => type === 'halt'),
    says: /entries were not locked/,
  },
  {
    id: 'I4',
    name: 'a rollback of the whole size and more',
    run: CASE_A,
    doctor: (evidence) => {
      const request = first(evidence.tape, 'request', rollback);
      change(request, { quantity: twice(request.quantity) });
    },
    says: /rollback reduces the delta of 0\.05 BTC .*; spot sell/,
  },
  {
    id: 'I4',
    name: 'a rollback on the wrong side',
    run: CASE_A,
    doctor: (evidence) => change(first(evidence.tape, 'request', rollback), { side: 'buy' }),
    says: /spot buy/,
  },
  {
    id: 'I4',
    name: 'a close of the perpetual that is not reduce-only',
    run: QUIET,
    doctor: (evidence) =>
      change(
        first(evidence.tape, 'request', (event) => isCreate(event) && event.purpose === 'close' && event.leg === 'perp'),
        { reduceOnly: false },
      ),
    says: /perp buy .* is not/,
  },
  {
    id: 'I4',
    name: 'a hedge of the requested size after a partial fill',
    run: { scenario: 'case-b-perp-filled-spot-dies' },
    doctor: (evidence) => {
      const request = first(evidence.tape, 'request', (event) => isCreate(event) && event.purpose === 'hedge');
      change(request, { quantity: twice(request.quantity) });
    },
    says: /a hedge brings the spot leg .* of 0\.06 BTC on top of/,
  },
  {
    id: 'I5',
    name: 'a sale of more than is held',
    run: QUIET,
    doctor: (evidence) => {
      const request = first(evidence.tape, 'request', spotSale);
      change(request, { quantity: (request.quantity ?? 0n) + 1n });
    },
    says: /are for sale; spot sell/,
  },
  {
    id: 'I6',
    name: 'a fee charged twice, balances and all',
    run: QUIET,
    doctor: chargeTwice,
    says: /the upbit fee of trade .* by its dated rate and rounding/,
  },
  {
    id: 'I6',
    name: 'a fill without its money',
    run: QUIET,
    doctor: (evidence) =>
      drop(
        evidence,
        first(evidence.tape, 'posting', ({ asset, reason }) => asset === 'BTC' && reason === 'trade'),
      ),
    says: /postings add up to/,
  },
  {
    id: 'I6',
    name: 'a trade that is booked again',
    run: QUIET,
    doctor: (evidence) => {
      const fill = first(evidence.tape, 'fill');
      const posting = pick(evidence.tape, 'posting', ({ ref }) => ref === fill.tradeId).at(-1);
      insertAfter(evidence, posting ?? fill, { ...fill });
    },
    says: /happens once; the trade id was booked before/,
  },
  {
    id: 'I6',
    name: 'a fill beyond its limit',
    run: QUIET,
    doctor: (evidence) => {
      const order = first(evidence.tape, 'order.accepted', ({ side }) => side === 'buy');
      change(order, { price: (order.price ?? 0n) / 2n });
    },
    says: /keeps the limit of/,
  },
  {
    id: 'I6',
    name: 'a fill off the step of the perpetual',
    run: QUIET,
    doctor: (evidence) => {
      const fill = first(evidence.tape, 'fill', ({ venue }) => venue === 'binance');
      const quantity = fill.quantity - 1n;
      change(fill, { quantity, quote: worth(fill.price, quantity) });
    },
    says: /is on the step of 0\.001 BTC/,
  },
  {
    id: 'I6',
    name: 'a closing balance one unit too high',
    run: QUIET,
    doctor: (evidence) => {
      const balance = first(evidence.tape, 'balance', ({ asset }) => asset === 'USDT');
      change(balance, { total: balance.total + 1n });
    },
    says: /the closing binance\/USDT/,
  },
  {
    id: 'I6',
    name: 'funding with the wrong sign',
    run: QUIET,
    doctor: (evidence) => {
      const funding = first(evidence.tape, 'funding');
      const posting = first(evidence.tape, 'posting', ({ reason }) => reason === 'funding');
      change(funding, { amount: 0n - funding.amount });
      change(posting, { amount: 0n - posting.amount });
    },
    says: /funding of 0\.0001 .*; -0\.\d+ USDT/,
  },
  {
    id: 'I6',
    name: 'a client order id that two orders have',
    run: QUIET,
    doctor: (evidence) => {
      const [buy, sale] = pick(evidence.tape, 'order.accepted', ({ venue }) => venue === 'upbit');
      change(sale as TapeEvent & object, { clientOrderId: buy?.clientOrderId } as never);
    },
    says: /has it, too/,
  },
  {
    id: 'I6',
    name: 'an IOC that rests',
    run: QUIET,
    doctor: (evidence) => {
      const end = first(evidence.tape, 'order.ended', ({ venue }) => venue === 'binance');
      change(end, { t: addMs(end.t, 1) });
    },
    says: /filled at \d+, ended at/,
  },
  {
    id: 'I6',
    name: 'an order that ends filled although it is not',
    run: { scenario: 'case-b-perp-filled-spot-dies' },
    doctor: (evidence) =>
      change(
        first(evidence.tape, 'order.ended', ({ status }) => status !== 'filled'),
        { status: 'filled' },
      ),
    says: /filled with/,
  },
  {
    id: 'I7',
    name: 'an order booked with less than it executed',
    run: QUIET,
    doctor: (evidence) => Object.assign(believed(evidence, 'order.settled'), { executed: 1n }),
    says: /0\.00000001 BTC/,
  },
  {
    id: 'I7',
    name: 'holdings adopted that nobody holds',
    run: QUIET,
    doctor: (evidence) =>
      journalAt(evidence, Number.MAX_SAFE_INTEGER, {
        t: evidence.tape.at(-1)?.t ?? (0 as never),
        flow: '-',
        type: 'holdings.adopted',
        leg: 'perp',
        from: 0n as never,
        to: 100_000n as never,
        reason: 'test',
      }),
    says: /0\.001 BTC/,
  },
  {
    id: 'I8',
    name: 'a fill that is counted twice',
    run: QUIET,
    doctor: (evidence) => {
      const settled = believed(evidence, 'order.settled');
      Object.assign(settled, { executed: twice(settled.executed) });
    },
    says: /0\.1 BTC/,
  },
  {
    id: 'I8',
    name: 'late news that takes a fill back',
    run: QUIET,
    doctor: (evidence) => {
      const settled = believed(evidence, 'order.settled');
      journalAt(evidence, Number.MAX_SAFE_INTEGER, { ...settled, executed: 0n as never });
    },
    says: /settled again with 0 BTC/,
  },
  {
    id: 'I9',
    name: 'an opening order after the kill switch',
    run: QUIET,
    doctor: (evidence) =>
      haltBefore(
        evidence,
        first(evidence.tape, 'request', (event) => isCreate(event) && event.purpose === 'open'),
      ),
    says: /left 1 ms after the halt/,
  },
  {
    id: 'I9',
    name: 'a freeze that a weaker level behind it is taken to have lifted',
    run: CASE_A,
    doctor: (evidence) => {
      const order = first(evidence.tape, 'request', rollback);
      const t = addMs(order.t, -2);
      journalAt(evidence, t, { t, flow: '-', type: 'halt', level: 'freeze', reason: 'scenario' });
      haltBefore(evidence, order);
    },
    says: /nothing is sent while everything is frozen/,
  },
  {
    id: 'I10',
    name: 'a request during a ban',
    run: BANNED,
    doctor: (evidence) => {
      const ban = first(evidence.tape, 'answer', ({ http }) => http === 418);
      const before = first(evidence.tape, 'request', ({ venue }) => venue === 'binance');
      insertAfter(evidence, ban, { ...before, t: addMs(ban.t, 1), request: 9_001 });
    },
    says: /ms too early/,
  },
  {
    id: 'I10',
    name: 'a 429 without any fault',
    run: { scenario: 'case-a-spot-filled-perp-refused', withFaults: false },
    doctor: (evidence) => {
      evidence.context = { ...evidence.context, isFaultFree: true };
      change(first(evidence.tape, 'answer'), { ok: false, http: 429 });
    },
    says: /answered 429/,
  },
  { id: 'I10', name: 'naive asks on through a ban', run: { scenario: 'ban-during-rollback', executor: 'naive', seed: '100' }, says: /ms too early/ },
  {
    id: 'I11',
    name: 'an order of a life that has been succeeded',
    run: CRASHED,
    doctor: (evidence) => {
      const restart = first(evidence.tape, 'process', ({ event }) => event === 'restart');
      insertAfter(evidence, restart, { ...first(evidence.tape, 'request', isCreate), t: restart.t, request: 9_001 });
    },
    says: /came from life 0/,
  },
  {
    id: 'I12',
    name: 'an entry on a decision of 40 s ago',
    run: QUIET,
    doctor: (evidence) => {
      const begin = first(evidence.tape, 'flow.begin');
      change(begin, { decidedAt: addMs(begin.decidedAt, -40_000) });
    },
    says: /left 4\d{4} ms after it/,
  },
  {
    id: 'I13',
    name: 'a long exposure in silence',
    run: LOST,
    doctor: (evidence) => dropJournal(evidence, ({ type }) => type === 'alert'),
    says: /in silence/,
  },
  {
    id: 'I13',
    name: 'a rollback that nobody is told of, however short it is',
    run: CASE_A,
    doctor: (evidence) => dropJournal(evidence, ({ type }) => type === 'alert'),
    says: /a rollback is told of .* left in silence/,
  },
  {
    id: 'I13',
    name: 'an order in doubt that nobody is told of, though the naked leg is told',
    run: { scenario: 'lost-request' },
    doctor: (evidence) => dropJournal(evidence, (event) => event.type === 'alert' && event.alert === 'UNKNOWN_OUTCOME'),
    says: /was in doubt for \d+ ms in silence/,
  },
  {
    id: 'I13',
    name: 'a message that did not go out and is written down nowhere',
    run: QUIET,
    doctor: (evidence) => {
      const begin = first(evidence.tape, 'flow.begin');
      insertAfter(evidence, begin, { ...begin, type: 'fault', fault: 'nobody-hears', action: 'alarm', stage: 'met' });
    },
    says: /does not say that the channel is down/,
  },
  {
    id: 'I13',
    name: 'an alarm for nothing',
    run: { scenario: 'case-a-spot-filled-perp-refused', withFaults: false },
    doctor: (evidence) => {
      evidence.context = { ...evidence.context, isFaultFree: true };
      const t = evidence.tape[5]?.t ?? (0 as never);
      journalAt(evidence, t, { t, flow: '-', type: 'alert', alert: 'UNHEDGED_EXPOSURE', severity: 'critical', message: 'cry wolf' });
    },
    says: /cry wolf/,
  },
  {
    id: 'I14',
    name: 'a refusal that nobody classified',
    run: CASE_A,
    doctor: (evidence) => dropJournal(evidence, (event) => event.type === 'answer' && event.certainty === 'refused'),
    says: /was not written down/,
  },
  {
    id: 'I14',
    name: 'an unhandled rejection',
    run: CASE_A,
    doctor: (evidence) => {
      evidence.context = { ...evidence.context, unhandled: ['TypeError: x is undefined'] };
    },
    says: /TypeError/,
  },
  {
    id: 'I15',
    name: 'a rollback that overshoots',
    run: CASE_A_MARKET,
    doctor: (evidence) => {
      const fill = first(evidence.tape, 'fill', ({ purpose }) => purpose === 'rollback');
      change(fill, { quantity: twice(fill.quantity) });
    },
    says: /made it -/,
  },
  { id: 'I15', name: 'naive rolls back the leg that raised', run: { scenario: 'crash-hour', executor: 'naive', seed: '12' }, says: /made it/ },
  {
    id: 'L1',
    name: 'a flow that takes three minutes',
    run: QUIET,
    doctor: (evidence) => {
      const end = pick(evidence.tape, 'flow.end').at(-1);
      if (end !== undefined) change(end, { t: addMs(end.t, 180_000) });
    },
    says: /it took \d{6} ms/,
  },
  {
    id: 'L1',
    name: 'a flow that stands open in the journal',
    run: QUIET,
    doctor: (evidence) => dropJournal(evidence, (event) => event.type === 'flow.ended' && event.flow.startsWith('enter')),
    says: /has ended in the journal .* stands open/,
  },
  {
    id: 'L2',
    name: 'a venue gone for ever and no lock',
    run: LOST,
    doctor: (evidence) => dropJournal(evidence, ({ type }) => type === 'halt'),
    says: /no lock/,
  },
  {
    id: 'L2',
    name: 'hammering a venue that is gone',
    run: LOST,
    doctor: (evidence) => {
      const end = evidence.tape.at(-1)?.t ?? (0 as never);
      const last = pick(evidence.tape, 'request').at(-1);
      for (let index = 0; index < 8; index += 1) evidence.tape.push({ ...last, t: addMs(end, index), request: 9_000 + index } as TapeEvent);
    },
    says: /in a minute while locked; [78]$/,
  },
  {
    id: 'L3',
    name: 'a recovery that never ends',
    run: CRASHED,
    doctor: (evidence) => dropJournal(evidence, ({ type }) => type === 'recovery.ended'),
    says: /never ended/,
  },
  {
    id: 'L3',
    name: 'an entry before recovery has ended',
    run: CRASHED,
    doctor: (evidence) => {
      const restart = first(evidence.tape, 'process', ({ event }) => event === 'restart');
      insertAfter(evidence, restart, { ...first(evidence.tape, 'request', isCreate), t: restart.t, request: 9_001 });
    },
    says: /open, flow 1/,
  },
  {
    id: 'L4',
    name: 'an order that is never looked up',
    run: QUIET,
    doctor: (evidence) => {
      const { clientOrderId } = believed(evidence, 'intent');
      dropJournal(evidence, (event) => (event.type === 'answer' || event.type === 'order.settled') && event.clientOrderId === clientOrderId);
    },
    says: /still in doubt/,
  },
  {
    id: 'L5',
    name: 'an entry that is refused although the lock was released',
    run: HALTED,
    doctor: (evidence) => {
      const end = pick(evidence.tape, 'flow.end').at(-1);
      if (end !== undefined) change(end, { outcome: 'aborted' });
    },
    says: /aborted after/,
  },
  {
    id: 'L6',
    name: 'one lost answer that costs the flow',
    run: ONE_FAULT,
    doctor: (evidence) => change(first(evidence.tape, 'flow.end'), { outcome: 'rolled-back' }),
    says: /rolled-back/,
  },
  {
    id: 'canary',
    name: 'planted',
    run: QUIET,
    doctor: (evidence) => {
      evidence.context = { ...evidence.context, canary: true };
    },
    says: /a run/,
  },
];

/** A run of the reference executor in which each invariant has something to hold and holds it. */
export const KEEPS: Readonly<Partial<Record<InvariantId, RunOf>>> = {
  I1: QUIET,
  I2: QUIET,
  I3: CASE_A,
  I4: CASE_A,
  I5: QUIET,
  I6: QUIET,
  I7: QUIET,
  I8: QUIET,
  I9: HALTED,
  I10: BANNED,
  I11: CRASHED,
  I12: QUIET,
  I13: LOST,
  I14: CASE_A,
  I15: CASE_A,
  L1: QUIET,
  L2: LOST,
  L3: CRASHED,
  L4: QUIET,
  L5: HALTED,
  L6: ONE_FAULT,
};
