import { durationMs, type EpochMs } from '../core/units.js';
import type { Btc } from '../core/money.js';
import type { PremiumBars } from '../market/bars.js';
import type { VirtualClock } from '../sim/virtual-clock.js';
import { premiumAt, scanFrom, type ScanHit } from '../strategy/scan.js';
import type { EnterSignal, Strategy, StrategyState } from '../strategy/strategy.js';

/** What the driver needs of the rest of the run. */
export interface TradeSeat {
  /** The positions as the executor knows them. */
  positions(): readonly { readonly positionId: string; readonly openedAt: EpochMs }[];
  /** Why an entry on this bar is not made, or how large it is. */
  size(row: number, signal: EnterSignal): { readonly kind: 'sized'; readonly quantity: Btc } | { readonly kind: 'refused'; readonly reason: string };
  enter(row: number, signal: EnterSignal, quantity: Btc): Promise<{ readonly opened: boolean; readonly reason: string }>;
  exit(row: number, reason: string): Promise<void>;
  /** Entries are refused for good (a lock, a halt): nothing more can happen while flat. */
  halted(): string | undefined;
}

/** What happened to the strategy's signals. */
export interface TradeTally {
  bars: number;
  entrySignals: number;
  exitSignals: number;
  entries: number;
  exits: number;
  /** Entries that were not made or did not open, by reason. */
  readonly refusals: Map<string, number>;
}

/**
 * Lets the strategy drive the executor over the bars: once a bar, on data known at that bar. While nothing is
 * held, idle bars are scanned in one loop and cost no event; while something is held, time passes bar by bar, so that the
 * executor's monitor works and what it closes is seen at the next bar. Signals of bars that closed while a
 * flow was running are dropped: they are news of the past by then.
 */
export async function driveTrades(
  clock: VirtualClock,
  bars: PremiumBars,
  strategy: Strategy,
  seat: TradeSeat,
  onBar: (row: number) => void,
): Promise<TradeTally> {
  const tally: TradeTally = { bars: bars.length, entrySignals: 0, exitSignals: 0, entries: 0, exits: 0, refusals: new Map() };
  const memory: Memory = { entryPremium: undefined, lastExitAt: undefined };
  let next = 0;
  while (next < bars.length) {
    const held = seat.positions().length > 0;
    if (held) await sleepUntil(clock, bars.time[next] as EpochMs);
    const state = strategyState(seat, memory);
    const actFrom = firstRowAfter(bars, next, clock.now());
    const hit = scanFrom(bars, strategy, next, state, { until: held ? next + 1 : bars.length, actFrom });
    if (hit === undefined && !held) break;
    next = (hit?.index ?? next) + 1;
    onBar(next);
    if (hit === undefined) continue;
    await sleepUntil(clock, bars.time[hit.index] as EpochMs);
    await act(hit, { clock, bars, strategy, seat, tally, memory });
  }
  onBar(bars.length);
  // The run ends with its data, whether or not something happened on the last bars.
  await sleepUntil(clock, bars.time[bars.length - 1] as EpochMs);
  return tally;
}

interface Memory {
  entryPremium: number | undefined;
  lastExitAt: EpochMs | undefined;
}

interface ActParts {
  readonly clock: VirtualClock;
  readonly bars: PremiumBars;
  readonly strategy: Strategy;
  readonly seat: TradeSeat;
  readonly tally: TradeTally;
  readonly memory: Memory;
}

async function act({ index, signal }: ScanHit, { clock, bars, strategy, seat, tally, memory }: ActParts): Promise<void> {
  if (signal.kind === 'exit') {
    tally.exitSignals += 1;
    if (seat.positions().length === 0) return;
    await seat.exit(index, signal.reason);
    tally.exits += 1;
    if (seat.positions().length === 0) memory.lastExitAt = clock.now();
    return;
  }
  tally.entrySignals += 1;
  const halted = seat.halted();
  const size = halted === undefined ? seat.size(index, signal) : ({ kind: 'refused', reason: halted } as const);
  if (size.kind === 'refused') {
    count(tally.refusals, size.reason);
    return;
  }
  const { opened, reason } = await seat.enter(index, signal, size.quantity);
  if (opened) {
    tally.entries += 1;
    memory.entryPremium = premiumAt(bars, strategy.premium ?? 'usd', index);
  } else {
    count(tally.refusals, reason);
    // A flow that came to nothing cools down like an exit: the next bar would only try again.
    memory.lastExitAt = clock.now();
  }
}

function strategyState(seat: TradeSeat, memory: Readonly<Memory>): StrategyState {
  const positions = seat.positions();
  const oldest = positions.reduce<EpochMs | undefined>(
    (least, { openedAt }) => (least === undefined || openedAt < least ? openedAt : least),
    undefined,
  );
  return {
    openPositions: positions.length,
    oldestOpenedAt: oldest,
    entryPremium: positions.length === 0 ? undefined : memory.entryPremium,
    lastExitAt: memory.lastExitAt,
  };
}

/** The first row at or after `from` whose bar has not closed before `now`. */
function firstRowAfter(bars: PremiumBars, from: number, now: EpochMs): number {
  let row = from;
  while (row < bars.length && (bars.time[row] ?? 0) < now) row += 1;
  return row;
}

async function sleepUntil(clock: VirtualClock, at: EpochMs): Promise<void> {
  if (at > clock.now()) await clock.sleep(durationMs(at - clock.now()));
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
