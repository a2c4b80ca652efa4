import { abs, formatFixed, negate, toNumber, type PriceKrw, type PriceUsdt } from '../core/money.js';
import { durationMs, type DurationMs } from '../core/units.js';
import { lotsToRestoreMargin } from '../hedge/sizing.js';
import type { Mark } from '../journal/marks.js';
import { exit, type ExitPlan } from './exit.js';
import { actOnMismatch } from './mismatch.js';
import { profitKrw } from './position-keeper.js';
import { isExposed } from './reconcile.js';
import { mayWork, type Supervisor } from './supervisor.js';
import { compareHoldings, isTooSoon, type Finding } from './truth.js';
import { rulesAt } from './venue-rules.js';

/** Failed passes in a row before people are told. */
const UNREADABLE_PASSES = 3;

/**
 * Watches a hedge while it is held: reconciles both venues every `monitorMs`, takes off spot when the short shrank
 * without an order of ours, reduces both legs under the margin floor, closes at the stop and after the longest
 * holding time. After the last of a hedge is gone it looks once more whether the venues agree; then, while nothing is
 * held, it costs nothing, not even a timer.
 */
export class Monitor {
  readonly #supervisor: Supervisor;
  #unreadable = 0;
  /** A look that was due could not be made, or something has acted without an order of ours. */
  #isOverdue = false;
  /** How many orders that make the short larger had been sent when the venues last agreed with the book. */
  #shortsSeen: number;

  constructor(supervisor: Supervisor) {
    this.#supervisor = supervisor;
    const { engine } = supervisor;
    // The recovery has compared, unless our last order was too young for that.
    this.#shortsSeen = isTooSoon(engine) ? 0 : engine.book.shortsSent;
  }

  async run(): Promise<void> {
    const { engine } = this.#supervisor;
    const { tasks, bell, suspicion } = engine;
    while (mayWork(engine)) {
      if (!this.#hasWork()) await bell.wait(tasks.signal);
      else if (!suspicion.isRaised) await tasks.sleepUntil(suspicion.bell, this.#untilNext());
      const seen = suspicion.take();
      if (!this.#mayLook()) continue;
      if (seen === undefined) await this.pass();
      else await this.#takeUp(seen);
    }
  }

  /** A hedge that could not be looked at may be none any more: it is looked at again soon, before people are told. */
  #untilNext(): DurationMs {
    const { book, policy } = this.#supervisor.engine;
    const isSoon = this.#unreadable === 0 ? book.positions().length === 0 : this.#unreadable < UNREADABLE_PASSES;
    return durationMs(isSoon || this.#isOverdue ? policy.quietMs : policy.monitorMs);
  }

  /** A short that was asked for and is not held may have left something that only the venue knows of. */
  #hasWork(): boolean {
    const { book, killSwitch } = this.#supervisor.engine;
    return book.positions().length > 0 || (this.#shortsSeen !== book.shortsSent && killSwitch.level !== 'freeze');
  }

  /** One look at both venues; put off while a flow runs, or has run of late. */
  async pass(): Promise<void> {
    const { engine } = this.#supervisor;
    if (engine.killSwitch.level === 'freeze') return;
    this.#isOverdue = this.#supervisor.isBusy || isTooSoon(engine);
    if (this.#isOverdue) return;
    const begun = this.#supervisor.flowsBegun;
    const finding = await compareHoldings(engine);
    // A flow ran meanwhile: what was read belongs to no moment.
    this.#isOverdue = this.#supervisor.flowsBegun !== begun;
    if (this.#isOverdue) return;
    if (finding.kind === 'unreadable') {
      if (finding.seen === undefined) await this.#noteUnreadable(finding.problem);
      else await this.#takeUp(finding.seen);
      return;
    }
    if (finding.kind === 'agrees') {
      this.#shortsSeen = engine.book.shortsSent;
      if (engine.book.positions().length === 0) this.#unreadable = 0;
      else await this.#watchHedge(finding);
      return;
    }
    this.#unreadable = 0;
    await this.#takeUp(finding.text);
  }

  #mayLook(): boolean {
    const { engine } = this.#supervisor;
    return mayWork(engine) && this.#hasWork() && !isExposed(engine);
  }

  /** Its turn comes before that of flows that are asked for later: they would meet the same and put off every look. */
  async #takeUp(seen: string): Promise<void> {
    const supervisor = this.#supervisor;
    await supervisor.exclusive(async () => {
      if (this.#mayLook() && supervisor.engine.killSwitch.level !== 'freeze') await actOnMismatch(supervisor, seen);
    });
    // Whatever has acted once without an order of ours may act again, on the repair as well.
    this.#isOverdue = true;
  }

  async #noteUnreadable(problem: string): Promise<void> {
    const { writer, book } = this.#supervisor.engine;
    this.#unreadable += 1;
    if (this.#unreadable === 1)
      await writer.record({ flow: '-', type: 'monitor', spot: book.spot, perp: book.perp, finding: `unreadable: ${problem}` });
    if (this.#unreadable === UNREADABLE_PASSES) await writer.alert('-', 'VENUE_UNREACHABLE', 'warning', `the hedge cannot be checked: ${problem}`);
  }

  async #watchHedge(finding: Extract<Finding, { kind: 'agrees' }>): Promise<void> {
    if (await this.#marginFellUnderFloor(finding)) return;
    if (await this.#heldTooLong()) return;
    await this.#stopped();
  }

  /** Closing at the mark keeps the equity and shrinks the notional: both legs are reduced until the ratio is at its target. */
  async #marginFellUnderFloor({ perp }: Extract<Finding, { kind: 'agrees' }>): Promise<boolean> {
    const { engine } = this.#supervisor;
    const { policy, holdings, writer, book, clock } = engine;
    const margin = await holdings.margin({ patienceMs: policy.banPatienceMs });
    const mark = perp.markPrice ?? (await engine.prices.forRepair('binance', 'normal'))?.mid;
    if (!margin.ok || mark === undefined) {
      await this.#noteUnreadable(margin.ok ? 'there is no mark price' : margin.problem);
      return false;
    }
    this.#unreadable = 0;
    if (perp.position === 0n) return false;
    const equity = toNumber(margin.value.usdtTotal);
    const ratio = equity / (toNumber(abs(perp.position)) * mark);
    if (ratio >= policy.marginFloor) return false;
    await writer.record({ flow: '-', type: 'monitor', spot: book.spot, perp: book.perp, marginRatio: ratio, finding: 'margin under its floor' });
    const { lot } = rulesAt(clock.now(), policy);
    const atMost = lotsToRestoreMargin(negate(perp.position), equity, mark, policy.marginTarget, lot);
    await writer.alert(
      '-',
      'MARGIN_FLOOR',
      'critical',
      `margin ratio ${ratio.toFixed(3)} is under ${policy.marginFloor}; ${formatFixed(atMost)} BTC are taken off both legs`,
    );
    if (atMost > 0n) await this.#close('monitor.margin-floor', { positionIds: [], decidedAt: clock.now(), reason: 'margin floor', atMost });
    return true;
  }

  async #heldTooLong(): Promise<boolean> {
    const { policy, clock, book } = this.#supervisor.engine;
    if (policy.maxHoldMs === 0) return false;
    const now = clock.now();
    const old = book.positions().filter(({ openedAt }) => now - openedAt >= policy.maxHoldMs);
    if (old.length === 0) return false;
    await this.#close('monitor.max-hold', { positionIds: old.map(({ positionId }) => positionId), decidedAt: now, reason: 'max-hold' });
    return true;
  }

  /** The stop on the hedge's own profit at both venues' prices; a stop on the premium is the strategy's, which sees it every bar. */
  async #stopped(): Promise<boolean> {
    const { policy, clock, book, prices } = this.#supervisor.engine;
    if (policy.stopLossBp === 0) return false;
    const options = { patienceMs: policy.banPatienceMs };
    const [spot, perp] = await Promise.all([prices.read('upbit', options), prices.read('binance', options)]);
    if (spot.kind !== 'answer' || perp.kind !== 'answer' || spot.value === undefined || perp.value === undefined) return false;
    const krwPerUsdt = spot.value.mid / perp.value.mid;
    const lost = book.positions().filter((position) => {
      const { profit, cost } = profitKrw(position, spot.value?.bid as PriceKrw, perp.value?.ask as PriceUsdt, krwPerUsdt);
      return cost > 0 && (-profit / cost) * 10_000 >= policy.stopLossBp;
    });
    if (lost.length === 0) return false;
    await this.#close('monitor.stop', { positionIds: lost.map(({ positionId }) => positionId), decidedAt: clock.now(), reason: 'stop' });
    return true;
  }

  async #close(mark: Mark, plan: ExitPlan): Promise<void> {
    const supervisor = this.#supervisor;
    await supervisor.exclusive(async () => {
      const id = supervisor.nextFlowId('exit');
      await supervisor.engine.writer.mark(id, mark);
      await exit(supervisor.engine, id, plan);
      supervisor.positionsChanged();
    });
  }
}
