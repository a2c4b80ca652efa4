import type { Btc, EnterRequest, Executor, ExecutorFactory, ExecutorPorts, ExitRequest, FlowResult, HaltLevel, OpenPosition } from 'hedgedrill';
import { cancelAllOpen, placeOrder, readHoldings, ZERO, type Order, type OrderEnd } from './order-life.js';
import { seconds, VenueDoor } from './venue-door.js';

const LOT = 100_000n as Btc;
const TICK_KRW = 1_000;
/** How far a spot buy may lie above the price that the entry was decided on. */
const COLLAR = 1.005;
const COMPLETIONS = 2;
const ROUNDS = 10;
const MONITOR = seconds(20);
/** Longer than an account lags behind its orders in a bad hour. */
const CONFIRM = seconds(12);
/** Longer than any request of an earlier life can be under way. */
const QUARANTINE_MS = 16_000;
const START_UP_MS = 150_000;

type Holdings = { spot: Btc; perp: Btc };

const abs = (amount: bigint): Btc => (amount < 0n ? -amount : amount) as Btc;
const signed = (side: Order['side'], amount: bigint): bigint => (side === 'buy' ? amount : -amount);
const isSame = (one: Readonly<Holdings>, other: Readonly<Holdings>): boolean => one.spot === other.spot && one.perp === other.perp;
const wholeLots = (amount: bigint): Btc => (amount - (amount % LOT)) as Btc;

/**
 * An executor that writes nothing down: the accounts are its own, so what they hold is its journal. It sends both legs at
 * once, follows each order by an id of its own until nothing more can happen to it, and takes off what the other leg did
 * not match. A start waits until no request of an earlier life can be under way, then believes the venues. A monitor
 * compares its books with the venues' every 20 s, which finds liquidations, closings by hand and late fills alike.
 */
class HoldingsExecutor implements Executor {
  readonly name = 'holdings';
  /** Neither journal, marks nor alerts: what only they could show is not judged. */
  readonly capabilities = ['lock'] as const;
  halted: HaltLevel | undefined;
  readonly #ports: ExecutorPorts;
  readonly #doors: { readonly spot: VenueDoor; readonly perp: VenueDoor };
  readonly #held: Holdings = { spot: ZERO, perp: ZERO };
  readonly #stopping = new AbortController();
  #monitor: Promise<void> = Promise.resolve();
  #turn: Promise<unknown> = Promise.resolve();
  #limitKrw = 0;

  constructor(ports: ExecutorPorts) {
    this.#ports = ports;
    this.#doors = { spot: new VenueDoor(ports.upbit, ports.clock), perp: new VenueDoor(ports.binance, ports.clock) };
  }

  async start(): Promise<void> {
    const { clock, lease } = this.#ports;
    if (!lease.held()) throw new Error('another process holds the lease: only one executor may trade an account');
    const begun = clock.monotonic();
    await this.#untilAnswered(() => Promise.all([cancelAllOpen('spot', this.#doors.spot), cancelAllOpen('perp', this.#doors.perp)]), begun);
    await clock.sleep(Math.max(0, begun + QUARANTINE_MS - clock.monotonic()) as ReturnType<typeof seconds>);
    const found = await this.#untilAnswered(() => readHoldings(this.#doors.spot, this.#doors.perp), begun);
    if (found === undefined) await this.#lock('the venues do not say what we hold');
    else {
      Object.assign(this.#held, found);
      await this.#balance(0);
    }
    this.#monitor = this.#watch();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#monitor;
    await this.#turn;
  }

  positions(): readonly OpenPosition[] {
    const { spot, perp } = this.#held;
    const quantity = wholeLots(spot < abs(perp) ? spot : abs(perp));
    return quantity < LOT ? [] : [{ positionId: this.name, quantity, openedAt: this.#ports.clock.now() }];
  }

  enter(request: EnterRequest): Promise<FlowResult> {
    return this.#exclusive(async () => {
      const quantity = wholeLots(request.quantity);
      if (this.halted !== undefined || request.stillGood?.(this.#ports.clock.now()) === false || quantity < LOT) return this.#result('aborted');
      this.#limitKrw = Math.floor((request.upbitPrice * COLLAR) / TICK_KRW) * TICK_KRW;
      const before = { ...this.#held };
      const ends = await Promise.all([this.#place('spot', 'buy', quantity), this.#place('perp', 'sell', quantity)]);
      if (ends.every(({ executed, isKnown }) => isKnown && executed === 0n)) return this.#result('aborted');
      const isBalanced = ends.every(({ isKnown }) => isKnown) && (await this.#balance(ends.some((end) => end.isHopeless) ? 0 : COMPLETIONS));
      if (!isBalanced) return this.#result('locked');
      const opened = this.#held.spot - before.spot;
      if (opened >= quantity) return this.#result('hedged');
      return this.#result(opened >= LOT ? 'partially-rolled-back' : 'rolled-back');
    });
  }

  exit(_request: ExitRequest): Promise<FlowResult> {
    return this.#exclusive(async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const { spot, perp } = this.#held;
        const open = [
          ...(spot < LOT ? [] : [this.#place('spot', 'sell', spot)]),
          ...(abs(perp) < LOT ? [] : [this.#place('perp', 'buy', abs(perp))]),
        ];
        if (open.length === 0) return this.#result('flat');
        const ends = await Promise.all(open);
        if (ends.some(({ isKnown }) => !isKnown)) return this.#result('locked');
        if (ends.every(({ executed }) => executed === 0n)) await this.#backOff(round);
      }
      await this.#lock('an exit came to nothing');
      return this.#result('locked');
    });
  }

  async halt(level: HaltLevel): Promise<void> {
    this.halted = level;
    if (level === 'flatten') await this.exit({ positionIds: [], decidedAt: this.#ports.clock.now(), reason: 'halted' });
  }

  async resume(): Promise<void> {
    this.halted = undefined;
  }

  /** Completes the smaller leg so many times, then takes off what the larger one has too much. @returns false when a human is needed. */
  async #balance(completions: number): Promise<boolean> {
    let left = completions;
    for (let round = 0; round < ROUNDS; round += 1) {
      const residual = this.#held.spot + this.#held.perp;
      const size = wholeLots(abs(residual));
      if (size < LOT) return true;
      if (round === 0) void this.#tell('UNHEDGED_EXPOSURE', `${residual} satoshi are naked`);
      const completes = left > 0 && this.halted === undefined;
      left -= 1;
      const leg = residual > 0n === completes ? 'perp' : 'spot';
      const end = await this.#place(leg, residual > 0n ? 'sell' : 'buy', leg === 'spot' && !completes ? abs(residual) : size);
      if (!end.isKnown) return false;
      if (end.isHopeless) left = 0;
      if (end.executed === 0n) await this.#backOff(round);
    }
    await this.#lock('the legs could not be made equal');
    return false;
  }

  async #place(leg: Order['leg'], side: Order['side'], quantity: Btc): Promise<OrderEnd> {
    const { clock, ids, lease } = this.#ports;
    // Whoever has taken over trades on what the venues hold, and so must this one if it is ever started again.
    if (!lease.held()) {
      await this.#lock('the lease is lost');
      return { executed: ZERO, isKnown: false, isDenied: false, isHopeless: true };
    }
    const told = await placeOrder({ leg, side, quantity, limitKrw: this.#limitKrw }, this.#doors[leg], clock, ids.next(leg));
    const end = told.isDenied ? await this.#checkDenial(leg, told) : told;
    this.#held[leg] = (this.#held[leg] + signed(side, end.executed)) as Btc;
    if (!end.isKnown) await this.#lock(`an order on the ${leg} leg is in doubt`);
    return end;
  }

  /** A denied order has left no trace in the account, or it was not denied rightly. */
  async #checkDenial(leg: Order['leg'], denied: OrderEnd): Promise<OrderEnd> {
    const found = await this.#untilAnswered(() => readHoldings(this.#doors.spot, this.#doors.perp), this.#ports.clock.monotonic());
    if (found === undefined) return { ...denied, isKnown: false };
    return { ...denied, executed: abs(found[leg] - this.#held[leg]) };
  }

  /** What the venues hold and our books do not, seen twice, is taken as true; then whatever stands naked is taken off, under a lock as well. */
  async #watch(): Promise<void> {
    const { clock } = this.#ports;
    const { signal } = this.#stopping;
    for (;;) {
      await clock.sleep(MONITOR, signal).catch(() => undefined);
      if (signal.aborted) return;
      if (this.halted === 'freeze') continue;
      await this.#exclusive(async () => {
        const isEven = abs(this.#held.spot + this.#held.perp) < LOT;
        let seen = await readHoldings(this.#doors.spot, this.#doors.perp);
        for (let isSure = false; !isSure;) {
          if (isEven && isSame(seen, this.#held)) return;
          await clock.sleep(CONFIRM);
          const again = await readHoldings(this.#doors.spot, this.#doors.perp);
          isSure = isSame(seen, again);
          seen = again;
        }
        Object.assign(this.#held, seen);
        await this.#balance(0);
      }).catch(() => undefined);
    }
  }

  /** @returns undefined when the venues gave no answer for the whole time of a start. */
  async #untilAnswered<T>(ask: () => Promise<T>, begun: number): Promise<T | undefined> {
    for (let round = 0; this.#ports.clock.monotonic() - begun < START_UP_MS; round += 1) {
      try {
        return await ask();
      } catch {
        await this.#backOff(round);
      }
    }
    return undefined;
  }

  async #lock(text: string): Promise<void> {
    this.halted ??= 'opening';
    await this.#tell('LOCKED', text);
  }

  /** A dead channel must not keep anything from being locked or repaired. */
  async #tell(code: string, text: string): Promise<void> {
    await this.#ports.notifier.notify({ severity: 'critical', code, text, at: this.#ports.clock.now() }).catch(() => undefined);
  }

  #backOff(round: number): Promise<void> {
    return this.#ports.clock.sleep(seconds(2 ** Math.min(round, 4)));
  }

  /** One flow at a time, and none beside the monitor's repairs. */
  #exclusive<T>(act: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(act);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  #result(outcome: FlowResult['outcome']): FlowResult {
    const { spot, perp } = this.#held;
    return { outcome, spot, perp, residual: (spot + perp) as Btc, reason: `the accounts hold ${spot} and ${perp} satoshi` };
  }
}

const createHoldingsExecutor: ExecutorFactory = (ports) => new HoldingsExecutor(ports);
export default createHoldingsExecutor;
