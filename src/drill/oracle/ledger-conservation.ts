import { formatFixed } from '../../core/money.js';
import type { TapeEvent } from '../../sim/tape-event.js';
import type { Handlers, Invariant, Probe, Scene, TapeOf } from './invariant.js';
import { OrderConduct } from './order-conduct.js';
import { ACCOUNTS, nameOf, RebuiltLedger } from './rebuilt-ledger.js';
import { TermsBook } from './venue-terms.js';
import { btc } from './words.js';

/**
 * I6, a second implementation of both venues' books. Fees, locks, realised results and funding are worked out from the
 * venue's dated rules; the tape's own figures are only compared. What somebody else moved is taken from the tape, and
 * so is the part of a liquidation's loss that the insurance fund bears. Each order's own conduct is in `order-conduct.ts`.
 */
export const ledgerConservation: Invariant = {
  id: 'I6',
  name: 'ledger-conservation',
  promise: 'Opening amounts with every fill, fee, lock, funding and outside change make the closing amounts, to the last unit.',
  against: 'posting, fill, fee, funding, end of an order or closing balance',
  watch(scene, probe) {
    const audit = new LedgerAudit(scene, probe);
    const settled =
      <E extends TapeEvent>(take: (event: E) => void) =>
      (event: E): void => {
        audit.settle(event);
        take(event);
      };
    const on: Handlers = {
      posting: (event) => audit.posting(event),
      deposit: settled((event) => audit.ledger.deposit(event)),
      'order.accepted': settled((event) => audit.accepted(event)),
      fill: settled((event) => audit.fill(event)),
      'order.ended': settled((event) => audit.ended(event)),
      funding: settled((event) => audit.funding(event)),
      forced: settled((event) => audit.forced(event)),
      mark: settled((event) => audit.mark(event)),
      balance: settled((event) => audit.balance(event)),
      position: settled((event) => audit.position(event)),
      'flow.end': (event) => audit.settle(event),
    };
    return { on, end: () => audit.conduct.finish(scene.endAt) };
  },
};

/** Takes each event of the tape into the rebuilt ledger and compares what the tape says of it. */
class LedgerAudit {
  readonly ledger = new RebuiltLedger();
  readonly conduct: OrderConduct;
  readonly #probe: Probe;
  readonly #terms: TermsBook;
  #isDirty = false;

  constructor(scene: Scene, probe: Probe) {
    this.#probe = probe;
    this.#terms = new TermsBook(scene.context.rules, scene.context.ruleChanges);
    this.conduct = new OrderConduct(scene, probe, this.#terms);
  }

  /** Postings follow their cause at once: whatever comes next must find both accounts equal. */
  settle(event: TapeEvent): void {
    if (!this.#isDirty) return;
    this.#isDirty = false;
    const { total, posted, held } = this.ledger;
    const place = { at: event.t, tapeSeq: event.seq - 1 };
    for (const name of ACCOUNTS) {
      this.#probe.check(posted[name] === total[name], () => ({
        ...place,
        expected: `${name} stands at ${formatFixed(total[name])} by fills, fees and funding`,
        found: `its postings add up to ${formatFixed(posted[name])}`,
      }));
      if (name !== 'binance/USDT')
        this.#probe.check(total[name] >= held[name], () => ({
          ...place,
          expected: `${name} covers the ${formatFixed(held[name])} that open orders hold`,
          found: formatFixed(total[name]),
        }));
    }
  }

  posting(event: TapeOf<'posting'>): void {
    this.#isDirty = true;
    this.ledger.posting(event);
  }

  accepted(event: TapeOf<'order.accepted'>): void {
    this.ledger.accepted(event, this.#terms.at(event.venue, event.t));
    this.conduct.accepted(event);
  }

  fill(event: TapeOf<'fill'>): void {
    this.#isDirty = true;
    const side = this.conduct.positionSideOf(event);
    this.conduct.fill(event, this.ledger.positionOf(side).quantity);
    const fee = this.ledger.fill(event, side, this.#terms.at(event.venue, event.t));
    this.#compare(event, () => `the ${event.venue} fee of trade ${event.tradeId} by its dated rate and rounding`, fee, event.fee, event.feeAsset);
  }

  ended(event: TapeOf<'order.ended'>): void {
    this.ledger.ended(event);
    this.conduct.ended(event);
  }

  funding(event: TapeOf<'funding'>): void {
    this.#isDirty = true;
    const isHeld = [...this.ledger.positions.values()].some(({ quantity }) => quantity === event.position);
    this.#probe.check(isHeld, () => ({
      at: event.t,
      tapeSeq: event.seq,
      expected: `funding is settled on the position of ${btc(this.ledger.perp)}`,
      found: `on ${btc(event.position)}`,
    }));
    const due = this.ledger.funding(event);
    this.#compare(event, () => `funding of ${event.rate} at ${event.markPrice} on ${btc(event.position)}`, due, event.amount, 'USDT');
  }

  forced(event: TapeOf<'forced'>): void {
    this.#isDirty = true;
    const fee = this.ledger.forced(event, this.#terms.at('binance', event.t));
    this.#compare(event, () => `the fee of the ${event.kind}`, fee, event.fee, 'USDT');
  }

  mark(event: TapeOf<'mark'>): void {
    // One a second says nothing that the fills have not said.
    if (event.why === 'second') return;
    const { spotTraded, perp } = this.ledger;
    this.#probe.check(spotTraded === event.spot && perp === event.perp, () => ({
      at: event.t,
      tapeSeq: event.seq,
      expected: `spot ${btc(spotTraded)} and perpetual ${btc(perp)} by all trades`,
      found: `the mark says ${btc(event.spot)} and ${btc(event.perp)}`,
    }));
  }

  balance(event: TapeOf<'balance'>): void {
    const name = nameOf(event.venue, event.asset);
    this.#compare(event, () => `the closing ${name}`, this.ledger.total[name], event.total, event.asset);
    this.#compare(event, () => `the closing ${name} that open orders hold`, this.ledger.held[name], event.locked, event.asset);
  }

  position(event: TapeOf<'position'>): void {
    const found = [...this.ledger.positions.values()].find(({ quantity }) => quantity === event.quantity);
    this.#compare(event, () => 'the closing position', found?.quantity ?? this.ledger.perp, event.quantity, 'BTC');
    if (found !== undefined) this.#compare(event, () => 'its average entry', found.entryPrice, event.entryPrice, 'USDT/BTC');
  }

  #compare(event: TapeEvent, what: () => string, expected: bigint, found: bigint, unit: string): void {
    this.#probe.check(expected === found, () => ({
      at: event.t,
      tapeSeq: event.seq,
      expected: `${what()} is ${formatFixed(expected)} ${unit}`,
      found: `${formatFixed(found)} ${unit}`,
    }));
  }
}
