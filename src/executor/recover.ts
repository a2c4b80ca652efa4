import type { VenueId } from '../core/units.js';
import { SYMBOLS } from '../exchange/client-params.js';
import { finishEntry } from './enter.js';
import { FlowRun } from './flow-run.js';
import { lockFlow } from './lock.js';
import { actOnMismatch } from './mismatch.js';
import type { FlowBelief } from './position-book.js';
import { keepPositions, noteDust } from './position-keeper.js';
import { Repair } from './repair.js';
import type { Supervisor } from './supervisor.js';
import { compareHoldings, isTooSoon } from './truth.js';

/**
 * What a new life does before anything else: every flow that the journal holds without an end is settled by looking its
 * orders up, and its residual is repaired; then both venues are compared with the journal. Orders that are not ours
 * are reported and left alone. It starts no new business: an exit that had sent nothing is the driver's to ask for again.
 */
export async function recover(supervisor: Supervisor): Promise<void> {
  const { engine } = supervisor;
  const { book, writer } = engine;
  const open = book.openFlows();
  await writer.record({ flow: '-', type: 'recovery.started', openFlows: open.map(({ flow }) => flow) });
  for (const flow of open) await takeUp(supervisor, flow);
  await relistPositions(supervisor);
  await reportStrangers(supervisor);
  const agrees = await compareWithVenues(supervisor);
  if (open.length === 0 && agrees) await writer.mark('-', 'recover.nothing-open');
  await writer.record({ flow: '-', type: 'recovery.ended', resolved: open.length, residual: book.residual });
}

async function takeUp(supervisor: Supervisor, flow: FlowBelief): Promise<void> {
  const { engine } = supervisor;
  const { writer, book } = engine;
  await writer.mark(flow.flow, 'recover.found-open-flow');
  // The premium that the entry was decided on is not known any more: what is on is evened out by reducing.
  const run = new FlowRun(engine, flow.flow, flow.kind, () => 'the premium of the decision is not known after a restart');
  const isEntry = flow.kind === 'enter';
  const end = await new Repair(run, isEntry ? 'enter' : flow.kind === 'exit' ? 'exit' : 'reduce-only').toTheEnd();
  const before = book.hedged();
  await keepPositions(engine, flow.flow, 'recovery', { positionId: flow.flow, attempts: run.attempts }, flow.positionIds);
  await noteDust(engine, flow.flow, flow.residualBefore);
  if (end.kind === 'locked') {
    await lockFlow(run, end.reason);
    return;
  }
  if (isEntry) {
    await finishEntry(run, 'recovered after a restart');
    return;
  }
  const closed = book.hedged() < before;
  await run.end(
    closed ? (book.hedged() === 0n ? 'flat' : 'partially-rolled-back') : run.net('spot') === 0n ? 'aborted' : 'rolled-back',
    'recovered after a restart',
  );
}

/**
 * A journal that failed for a while may have lost the word of a position whose orders it holds: such a hedge would be
 * watched by nobody and entered on top of.
 */
async function relistPositions({ engine }: Supervisor): Promise<void> {
  const { book, writer } = engine;
  if (book.unsettled().length > 0) return;
  const changed = await keepPositions(engine, '-', 'recovery', { positionId: `relisted-${book.flowCount}`, attempts: book.attempts() });
  if (changed)
    await writer.alert('-', 'POSITION_MISMATCH', 'warning', 'the journal had lost word of a position; it is listed again by what its orders did');
}

/** Open orders that no intent of ours explains belong to somebody: they are named and not touched. */
async function reportStrangers({ engine }: Supervisor): Promise<void> {
  const { gateways, book, writer, policy } = engine;
  const venues: readonly VenueId[] = ['upbit', 'binance'];
  await Promise.all(
    venues.map(async (venue) => {
      const answer = await gateways[venue].read('fetchOpenOrders', (client) => client.fetchOpenOrders(SYMBOLS[venue]), {
        patienceMs: policy.nakedBudgetMs,
      });
      if (answer.kind !== 'answer') return;
      const known = new Set(book.attempts().flatMap(({ intent, orderId }) => [intent.clientOrderId, orderId]));
      const strangers = answer.value.filter(({ id, clientOrderId }) => !known.has(clientOrderId) && !known.has(id));
      if (strangers.length === 0) return;
      const names = strangers.map(({ id, clientOrderId }) => clientOrderId ?? id ?? 'without an id').join(', ');
      await writer.alert('-', 'POSITION_MISMATCH', 'warning', `open orders on ${venue} that are not ours, left alone: ${names}`);
    }),
  );
}

async function compareWithVenues(supervisor: Supervisor): Promise<boolean> {
  const { engine } = supervisor;
  const { book, writer, suspicion } = engine;
  // While something is in doubt the book is not complete; reads right after an own fill may lag behind it.
  if (book.unsettled().length > 0 || isTooSoon(engine)) return false;
  const finding = await compareHoldings(engine, engine.policy.nakedBudgetMs);
  if (finding.kind === 'agrees') return true;
  if (finding.kind === 'unreadable') {
    // Trading begins meanwhile: the monitor takes up what was seen.
    if (finding.seen !== undefined) suspicion.raise(finding.seen);
    await writer.record({ flow: '-', type: 'monitor', spot: book.spot, perp: book.perp, finding: `unreadable on start: ${finding.problem}` });
  } else await actOnMismatch(supervisor, finding.text);
  return false;
}
