import { InputError } from '../../core/input-error.js';
import { abs, fixed, min, negate, type Btc } from '../../core/money.js';
import { durationMs, seconds } from '../../core/units.js';
import type { EpochMs } from '../../core/units.js';
import { SYMBOLS } from '../../exchange/client-params.js';
import type { EnterRequest, Executor, ExecutorPorts, ExitRequest, FlowResult, OpenPosition } from '../../executor/ports.js';
import { TaskGroup } from '../../executor/task-group.js';
import type { FlowKind, FlowOutcome, HaltLevel } from '../../journal/journal-event.js';
import { LOT, type Decisions, type SmallOrder } from './decisions.js';
import { SmallOrders, type OrderEnd } from './small-orders.js';

const TICK_KRW = 1_000;
/** How far a spot buy may lie above the price that the entry was decided on. */
const COLLAR = 1.005;
const COMPLETIONS = 2;
const MONITOR = seconds(20);
const CONFIRM = seconds(3);
const SETUP_TRIES = 3;

/**
 * A two-leg executor of a few hundred lines that is sound as far as it goes: durable intents, look-ups by its own ids, a
 * late watch, repair by what is really missing, recovery, a monitor of the short. It tells nobody anything and plans
 * nothing, but it passes the money promises of nearly every shipped scenario. The defective specimens are this executor
 * with one of its `Decisions` made as published code made it.
 */
export class SmallExecutor implements Executor {
  readonly name: string = 'small';
  readonly capabilities = [] as const;
  halted: HaltLevel | undefined;
  protected readonly ports: ExecutorPorts;
  protected readonly decisions: Decisions;
  protected readonly orders: SmallOrders;
  readonly #legs: unknown;
  readonly #tasks: TaskGroup;
  #turn: Promise<unknown> = Promise.resolve();
  #flows = 0;
  #openedAt: EpochMs;
  #limitKrw = 0;

  constructor(ports: ExecutorPorts, decisions: Decisions, policy: Readonly<Record<string, unknown>>) {
    this.ports = ports;
    this.decisions = decisions;
    this.#legs = policy['legs'];
    this.#openedAt = ports.clock.now();
    this.#tasks = new TaskGroup(ports.clock, () => Promise.resolve());
    this.orders = new SmallOrders(ports, decisions, this.#tasks, () => this.#afterLateFill());
  }

  /** @throws InputError when another instance holds the lease. */
  async start(): Promise<void> {
    if (!this.orders.mayTrade) throw new InputError('another process holds the lease: only one executor may trade an account');
    if (this.decisions.recovers) await this.#recover();
    if (this.decisions.monitors) this.#tasks.spawn('monitor', () => this.#monitor());
  }

  stop(): Promise<void> {
    return this.#tasks.join();
  }

  positions(): readonly OpenPosition[] {
    const { spot, perp } = this.orders.held;
    const quantity = this.decisions.wholeLots(min(spot, negate(perp)));
    return quantity < LOT ? [] : [{ positionId: this.name, quantity, openedAt: this.#openedAt }];
  }

  enter(request: EnterRequest): Promise<FlowResult> {
    return this.#flow('enter', request.quantity, request.decidedAt, async (flow, before) => {
      const quantity = this.decisions.wholeLots(request.quantity);
      if (request.stillGood?.(this.ports.clock.now()) === false || !(await this.#isSetUp())) return 'aborted';
      this.#limitKrw = Math.floor((request.upbitPrice * COLLAR) / TICK_KRW) * TICK_KRW;
      this.#openedAt = this.ports.clock.now();
      const ends = await this.#openLegs(flow, quantity);
      if (ends.some(({ kind }) => kind === 'in-doubt')) return 'locked';
      const forGood = ends.some((end) => end.forGood);
      if (!(await this.repair(flow, quantity, forGood ? 0 : COMPLETIONS))) return 'locked';
      const opened = min(fixed<Btc>(this.orders.held.spot - before.spot), fixed<Btc>(before.perp - this.orders.held.perp));
      if (opened >= quantity) return 'hedged';
      return opened >= LOT ? 'partially-rolled-back' : 'rolled-back';
    });
  }

  exit(request: ExitRequest): Promise<FlowResult> {
    return this.#flow('exit', abs(this.orders.held.perp), request.decidedAt, (flow) => this.flatten(flow));
  }

  /** Closes both legs at once, again and again until nothing of a lot is left. */
  protected async flatten(flow: string): Promise<'flat' | 'locked'> {
    const { held } = this.orders;
    for (let round = 0; round < this.decisions.repairRounds; round += 1) {
      const open = [
        ...(held.spot < LOT ? [] : [this.#order(flow, 'spot', 'sell', held.spot, 'close')]),
        ...(negate(held.perp) < LOT ? [] : [this.#order(flow, 'perp', 'buy', negate(held.perp), 'close')]),
      ];
      if (open.length === 0) return 'flat';
      const ends = await Promise.all(open.map((order) => this.orders.place(order)));
      if (ends.some(({ kind }) => kind === 'in-doubt')) return 'locked';
      if (ends.every(({ executed }) => executed === 0n)) await this.#backOff(round);
    }
    return 'locked';
  }

  /**
   * Brings both legs back to equal: completes the short leg so many times, then takes off what the other has too much.
   *
   * @returns false when a human is needed.
   */
  protected async repair(flow: string, requested: Btc, completions: number): Promise<boolean> {
    const { held } = this.orders;
    let left = completions;
    for (let round = 0; round < this.decisions.repairRounds; round += 1) {
      const residual = fixed<Btc>(held.spot + held.perp);
      const size = this.decisions.wholeLots(abs(residual));
      if (size < LOT) return true;
      const completes = left > 0;
      if (!completes && !this.decisions.unwinds) return true;
      left -= 1;
      const end = await this.orders.place(completes ? this.#missing(flow, residual, size) : this.#excess(flow, residual, size, requested));
      if (end.kind === 'in-doubt') return false;
      if (end.forGood && completes) left = 0;
      if (end.executed === 0n) await this.#backOff(round);
    }
    return false;
  }

  #missing(flow: string, residual: Btc, size: Btc): SmallOrder {
    return residual > 0n ? this.#order(flow, 'perp', 'sell', size, 'hedge') : this.#order(flow, 'spot', 'buy', size, 'hedge');
  }

  #excess(flow: string, residual: Btc, size: Btc, requested: Btc): SmallOrder {
    const { rollsBack } = this.decisions;
    const amount = rollsBack === 'requested' ? requested : residual > 0n ? residual : size;
    return residual > 0n ? this.#order(flow, 'spot', 'sell', amount, 'rollback') : this.#order(flow, 'perp', 'buy', amount, 'rollback');
  }

  #order(flow: string, leg: 'spot' | 'perp', side: 'buy' | 'sell', quantity: Btc, purpose: SmallOrder['purpose']): SmallOrder {
    return { flow, leg, side, quantity, purpose, limitKrw: leg === 'spot' && side === 'buy' ? this.#limitKrw : undefined };
  }

  async #openLegs(flow: string, quantity: Btc): Promise<readonly OrderEnd[]> {
    const spot = (size: Btc): Promise<OrderEnd> => this.orders.place(this.#order(flow, 'spot', 'buy', size, 'open'));
    const perp = (size: Btc): Promise<OrderEnd> => this.orders.place(this.#order(flow, 'perp', 'sell', size, 'open'));
    if (this.#legs !== 'spot-first' && this.#legs !== 'perp-first') return Promise.all([spot(quantity), perp(quantity)]);
    const [first, second] = this.#legs === 'spot-first' ? [spot, perp] : [perp, spot];
    const end = await first(quantity);
    const size = this.decisions.hedges === 'requested' && end.executed > 0n ? quantity : this.decisions.wholeLots(end.executed);
    return size < LOT || end.kind === 'in-doubt' ? [end] : [end, await second(size)];
  }

  /** One flow at a time, also against the monitor and late fills. */
  async #flow(
    kind: FlowKind,
    quantity: Btc,
    decidedAt: EpochMs,
    act: (flow: string, before: { readonly spot: Btc; readonly perp: Btc }) => Promise<FlowOutcome>,
  ): Promise<FlowResult> {
    return this.#exclusive(async () => {
      const { clock } = this.ports;
      this.#flows += 1;
      const flow = `small-${clock.now()}-${this.#flows}`;
      const before = { ...this.orders.held };
      if (this.halted === undefined)
        await this.orders.record({ t: clock.now(), flow, type: 'flow.started', kind, quantity, positionIds: [], decidedAt });
      const outcome = this.halted === undefined ? await act(flow, before) : 'aborted';
      if (outcome === 'locked') this.halted = 'freeze';
      const { spot, perp } = this.orders.held;
      const end = { outcome, spot, perp, residual: fixed<Btc>(spot + perp), reason: `both legs were settled: ${outcome}` };
      await this.orders.record({ t: clock.now(), flow, type: 'flow.ended', ...end });
      return end;
    });
  }

  #exclusive<T>(act: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(act);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  /** The account must be in one-way mode, or every order of the short leg is refused. */
  async #isSetUp(): Promise<boolean> {
    if (!this.decisions.checksPositionMode) return true;
    for (let attempt = 0; attempt < SETUP_TRIES; attempt += 1) {
      try {
        const mode = (await this.orders.call('binance', (client) => client.fetchPositionMode(SYMBOLS.binance))) as { readonly hedged?: boolean };
        return mode.hedged === false;
      } catch {
        await this.#backOff(attempt);
      }
    }
    return false;
  }

  async #backOff(round: number): Promise<void> {
    if (this.decisions.honoursBans) await this.ports.clock.sleep(durationMs(1_000 * 2 ** Math.min(round, 4)));
  }

  #afterLateFill(): void {
    this.#tasks.spawn('late fill', () =>
      this.#exclusive(async () => {
        if (!(await this.repair('late', fixed<Btc>(0n), 0))) this.halted = 'freeze';
      }),
    );
  }

  /** What an earlier life has sent is looked up before anything else; what is left over is taken off. */
  async #recover(): Promise<void> {
    const records = await this.ports.journal.read();
    const settled = new Set(records.flatMap(({ event }) => (event.type === 'order.settled' ? [event.clientOrderId] : [])));
    const intents = new Map(records.flatMap(({ event }) => (event.type === 'intent' ? [[event.clientOrderId, event] as const] : [])));
    for (const { event } of records) {
      if (event.type === 'holdings.adopted') this.orders.held[event.leg] = event.to;
      if (event.type !== 'order.settled') continue;
      const intent = intents.get(event.clientOrderId);
      if (intent !== undefined) this.orders.book(intent.leg, intent.side, event.executed);
    }
    const open = [...intents.values()].filter(({ clientOrderId }) => !settled.has(clientOrderId));
    const ends = await Promise.all(open.map((intent) => this.orders.resume(intent)));
    const proven = ends.every(({ kind }) => kind !== 'in-doubt') && (await this.repair('recovery', fixed<Btc>(0n), 0));
    if (!proven) this.halted = 'freeze';
  }

  /** A short that shrinks without an order of ours leaves as much spot naked, which is sold. */
  async #monitor(): Promise<void> {
    while (await this.#tasks.sleep(MONITOR)) {
      if (this.halted !== undefined || this.orders.held.perp === 0n) continue;
      await this.#exclusive(() => this.#compareShort()).catch(() => undefined);
    }
  }

  async #compareShort(): Promise<void> {
    const first = await this.#shortAtVenue();
    if (first >= negate(this.orders.held.perp)) return;
    await this.ports.clock.sleep(CONFIRM);
    if ((await this.#shortAtVenue()) !== first) return;
    const from = this.orders.held.perp;
    const to = negate(first);
    const reason = 'the venue shows a smaller short than our orders made';
    await this.orders.record({ t: this.ports.clock.now(), flow: 'monitor', type: 'holdings.adopted', leg: 'perp', from, to, reason });
    this.orders.held.perp = to;
    if (!(await this.repair('monitor', fixed<Btc>(0n), 0))) this.halted = 'freeze';
  }

  async #shortAtVenue(): Promise<Btc> {
    const positions = await this.orders.call('binance', (client) => client.fetchPositions([SYMBOLS.binance]));
    const short = positions.find(({ side }) => side === 'short');
    return fixed<Btc>(BigInt(Math.round((short?.contracts ?? 0) * 1e8)));
  }
}
