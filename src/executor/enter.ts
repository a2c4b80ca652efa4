import { abs } from '../core/money.js';
import type { Engine } from './engine.js';
import { FlowRun } from './flow-run.js';
import { lockFlow } from './lock.js';
import { sendLegs } from './legs.js';
import type { EnterRequest, FlowResult } from './ports.js';
import { keepPositions, noteDust } from './position-keeper.js';
import type { Preflight } from './preflight.js';
import { Repair } from './repair.js';

/**
 * A hedge entry: preflight, both legs, settlement of whatever is in doubt, repair of the residual, positions. It ends
 * hedged (as asked or smaller), as if nothing had happened, or locked with an alarm; it never throws over a venue.
 */
export async function enter(engine: Engine, preflight: Preflight, id: string, request: EnterRequest): Promise<FlowResult> {
  const { book, writer, clock, killSwitch, policy } = engine;
  const run = new FlowRun(
    engine,
    id,
    'enter',
    () => (request.stillGood?.(clock.now()) === false ? 'the premium no longer pays for the entry' : undefined),
    // A disk that was slow to take the intent has let the decision grow old.
    () => preflight.ageProblem(request),
  );
  const dust = book.residual;
  await writer.record({
    flow: id,
    type: 'flow.started',
    kind: 'enter',
    quantity: request.quantity,
    positionIds: [],
    decisionPremium: request.premium,
    decidedAt: request.decidedAt,
  });
  const cleared = await preflight.clear(run, request);
  if (!cleared.ok) {
    if (killSwitch.level !== undefined) await run.mark(killSwitch.isLock ? 'lock.refused-entry' : 'halt.refused-entry');
    return run.end('aborted', cleared.reason);
  }
  const legs = await sendLegs(run, {
    order: policy.legs,
    spot: cleared.spot,
    lots: cleared.lots,
    sides: { spot: 'buy', perp: 'sell' },
    purpose: (leg) => (run.net(leg === 'spot' ? 'perp' : 'spot') === 0n ? 'open' : 'hedge'),
    adds: true,
    quotes: cleared.quotes,
    dust,
  });
  if (killSwitch.level !== undefined && !killSwitch.isLock) await run.mark('halt.entry-cut-short');
  const repair = new Repair(run, 'enter');
  const end = await (legs.refusedForGood ? repair.giveUpAdding() : repair).toTheEnd();
  await keepPositions(engine, id, 'entry', { positionId: id, attempts: run.attempts });
  await noteDust(engine, id, dust);
  if (end.kind === 'locked') return lockFlow(run, `${legs.summary}; ${end.reason}`);
  return finishEntry(run, legs.summary);
}

/** Ends an entry whose residual is proven, by what it has left on. */
export async function finishEntry(run: FlowRun, summary: string): Promise<FlowResult> {
  const kept = run.engine.book.positions().find(({ positionId }) => positionId === run.id);
  const rolledBack = run.executedFor('spot', 'rollback') > 0n || run.executedFor('perp', 'rollback') > 0n;
  if (kept === undefined) return run.end(rolledBack || abs(run.net('spot')) > 0n ? 'rolled-back' : 'aborted', summary);
  if (!rolledBack) return run.end('hedged', summary);
  await run.mark('hedge.partial-kept');
  return run.end('partially-rolled-back', summary);
}
