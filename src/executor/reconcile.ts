import { abs } from '../core/money.js';
import { durationMs } from '../core/units.js';
import { isWithinTolerance } from '../hedge/dust.js';
import { countedAsZero, executedAfterAll } from './late-candidates.js';
import type { Engine } from './engine.js';
import { FlowRun } from './flow-run.js';
import type { Attempt } from './position-book.js';
import { keepPositions, noteDust } from './position-keeper.js';
import { Repair } from './repair.js';
import { mayWork, type Supervisor } from './supervisor.js';
import { rulesAt } from './venue-rules.js';

/** Whether anything is in doubt or unhedged. */
export function isExposed({ book, clock, policy }: Engine): boolean {
  return book.unsettled().length > 0 || !isWithinTolerance(book.residual, rulesAt(clock.now(), policy).lot);
}

/**
 * Goes on after a flow has locked: looks up what is in doubt, then tries one repair order at a time, slowly (every
 * call costs `reconcileMs`, so at most six a minute go out on average) and without end, until the residual is gone.
 * The lock itself is only released by a human.
 */
export class Reconciler {
  readonly #supervisor: Supervisor;
  #waitMs: number;
  #lookCostMs = 0;

  constructor(supervisor: Supervisor) {
    this.#supervisor = supervisor;
    this.#waitMs = supervisor.engine.policy.reconcileMs;
  }

  async run(): Promise<void> {
    const { engine } = this.#supervisor;
    const { tasks, bell, policy, pace } = engine;
    while (mayWork(engine)) {
      if (!this.#hasWork()) {
        this.#waitMs = policy.reconcileMs;
        await bell.wait(tasks.signal);
        continue;
      }
      if (!(await tasks.sleep(durationMs(Math.max(this.#waitMs, this.#rationMs()))))) return;
      if (!mayWork(engine) || !this.#hasWork()) continue;
      const before = callsOf(engine);
      await this.#supervisor.exclusive(() => this.#pass());
      pace.spend(callsOf(engine) - before);
      this.#waitMs = this.#isLookingInVain() ? Math.min(this.#waitMs * 2, policy.reconcileMaxMs) : policy.reconcileMs;
    }
  }

  /**
   * Looks at orders in doubt wait for what the last such looks have cost and not for all that is owed: until the doubt
   * ends nothing can be repaired.
   */
  #rationMs(): number {
    const { book, pace } = this.#supervisor.engine;
    return book.unsettled().length > 0 ? Math.min(pace.waitMs, this.#lookCostMs) : pace.waitMs;
  }

  /** A venue that answers is asked about an order in doubt as often as the ration allows: only its answers end the doubt. */
  #isLookingInVain(): boolean {
    const { book, gateways } = this.#supervisor.engine;
    const doubtful = book.unsettled();
    return doubtful.length === 0 || doubtful.some(({ intent }) => gateways[intent.venue].failingSince !== undefined);
  }

  #hasWork(): boolean {
    const { engine } = this.#supervisor;
    return engine.killSwitch.level !== 'freeze' && !this.#supervisor.isBusy && isExposed(engine);
  }

  async #pass(): Promise<void> {
    const { engine } = this.#supervisor;
    const before = callsOf(engine);
    for (const attempt of engine.book.unsettled()) await engine.resolver.step(attempt);
    this.#lookCostMs = (callsOf(engine) - before) * engine.policy.reconcileMs;
    if (engine.book.unsettled().length > 0 || engine.pace.waitMs > 0) return;
    // The order that was counted as zero last is the one that this repair would make a second time.
    const watched = countedAsZero(engine).at(-1);
    if (watched !== undefined) await executedAfterAll(engine, watched);
    await repairInBackground(this.#supervisor, 'the residual that a locked flow left', 1);
  }
}

const callsOf = ({ gateways }: Engine): number => gateways.upbit.calls + gateways.binance.calls;

/** Repairs a residual that no running flow owns, by reducing only; call it while no flow runs. */
export async function repairInBackground(supervisor: Supervisor, reason: string, maxRounds?: number): Promise<boolean> {
  const { engine } = supervisor;
  const { book, clock, policy, writer } = engine;
  const dust = book.residual;
  if (isWithinTolerance(dust, rulesAt(clock.now(), policy).lot)) return keepAfterwards(supervisor, undefined, reason, dust);
  const id = supervisor.nextFlowId('recover');
  const run = new FlowRun(engine, id, 'recover');
  // A single round is one of many: an order of it that stays in doubt is followed by the next passes, at their pace.
  if (maxRounds === 1) run.giveUpWithin(policy.doubtMs);
  await writer.record({
    flow: id,
    type: 'flow.started',
    kind: 'recover',
    quantity: abs(dust),
    positionIds: [],
    decidedAt: clock.now(),
  });
  const end = await new Repair(run, 'reduce-only', { maxRounds }).toTheEnd();
  await keepAfterwards(supervisor, id, reason, dust);
  await run.end(end.kind === 'proven' ? 'rolled-back' : 'locked', end.kind === 'proven' ? reason : end.reason);
  return end.kind === 'proven';
}

async function keepAfterwards(
  supervisor: Supervisor,
  id: string | undefined,
  reason: string,
  dust: Parameters<typeof noteDust>[2],
): Promise<boolean> {
  const { engine } = supervisor;
  const flow = id ?? '-';
  const attempts: readonly Attempt[] = engine.book.attempts();
  const changed = await keepPositions(engine, flow, reason, { positionId: id ?? attempts.at(-1)?.flow ?? flow, attempts });
  await noteDust(engine, flow, dust);
  if (changed) supervisor.positionsChanged();
  return true;
}
