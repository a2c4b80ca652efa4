import { formatFixed, sub, type Btc } from '../core/money.js';
import { durationMs, type EpochMs } from '../core/units.js';
import { adoptCopies } from './copied-orders.js';
import type { Engine } from './engine.js';
import { FlowRun } from './flow-run.js';
import { executedAfterAll, lateCandidates } from './late-candidates.js';
import { repairLateFill } from './late-fill.js';
import { lockFlow } from './lock.js';
import { keepPositions, noteDust } from './position-keeper.js';
import { repairInBackground } from './reconcile.js';
import { Repair } from './repair.js';
import type { Supervisor } from './supervisor.js';
import { adoptShort, compareHoldings, isTooSoon, mismatchOf, type Finding } from './truth.js';

type Mismatch = Extract<Finding, { kind: 'mismatch' }>;
type Unreadable = Extract<Finding, { kind: 'unreadable' }>;

/** How often what explains a difference is looked for, each time twice as long after the last. */
const LOOKS = 4;

/**
 * What follows from holdings that our orders do not explain; call it while no flow runs. An order that was counted as
 * zero may explain them; a short that shrank leaves spot naked, which is sold; a short that copies of our own requests
 * have made larger is taken back; anything else is not understood, and what is not understood is frozen for a human.
 * Answers that cannot be read are asked for again before that; when none can be read at all, entries are locked.
 *
 * @param seen - what the looks before have shown, in words for people.
 */
export async function actOnMismatch(supervisor: Supervisor, seen: string): Promise<void> {
  const { tasks, policy, writer, killSwitch } = supervisor.engine;
  for (let look = 1; ; look += 1) {
    const left = await lookOnce(supervisor);
    if (left === undefined) return;
    if (look === LOOKS) {
      if (left.kind === 'mismatch') await freeze(supervisor.engine, left);
      else await killSwitch.lock(`${seen}, and it cannot be read again: ${left.problem}`);
      return;
    }
    if (look === 1) {
      const text = left.kind === 'unreadable' ? seen : left.text;
      await writer.alert('-', 'POSITION_MISMATCH', 'critical', `${text}; what explains it cannot be read yet and is looked for again`);
    }
    if (!(await tasks.sleep(durationMs(policy.quietMs * 2 ** (look - 1))))) return;
  }
}

/** @returns why it is to be looked at again; undefined when all that can be done about the difference is done. */
async function lookOnce(supervisor: Supervisor): Promise<Mismatch | Unreadable | undefined> {
  const { engine } = supervisor;
  const { book, writer, policy } = engine;
  // Something has moved: what was cut short may be the reason for longer than it is read again without one.
  for (const attempt of lateCandidates(engine, policy.lateWatchMs))
    if (await executedAfterAll(engine, attempt)) await repairLateFill(supervisor, attempt);
  // What was just traded takes a while to show: the next pass compares again.
  if (isTooSoon(engine)) return undefined;
  const finding = await compareHoldings(engine);
  if (finding.kind === 'agrees') return undefined;
  if (finding.kind === 'unreadable') return finding;
  const { spot, perp } = { spot: finding.spot.btcTotal, perp: finding.perp.position };
  if (finding.kind === 'mismatch') {
    await writer.record({ flow: '-', type: 'monitor', spot, perp, finding: finding.text });
    return mismatchOf(engine, spot, book.perp) === undefined ? explainShort(supervisor, finding) : freeze(engine, finding);
  }
  await writer.record({ flow: '-', type: 'monitor', spot, perp, finding: 'the short shrank' });
  await unwindSpot(supervisor, engine.clock.now(), perp);
  return undefined;
}

async function explainShort(supervisor: Supervisor, finding: Mismatch): Promise<Mismatch | undefined> {
  const { engine } = supervisor;
  switch (await adoptCopies(engine, finding.perp.position)) {
    case 'unclear':
      return finding;
    case 'foreign':
      return freeze(engine, finding);
    case 'adopted':
      if (!(await repairInBackground(supervisor, 'a request was taken twice')))
        await engine.killSwitch.lock('the copy of an order could not be taken off');
      return undefined;
  }
}

async function freeze({ book, writer, killSwitch }: Engine, { text, spot }: Mismatch): Promise<undefined> {
  if (spot.btcTotal < book.spot) await writer.mark('-', 'monitor.spot-shrank');
  await writer.alert('-', 'POSITION_MISMATCH', 'critical', `${text}; everything is frozen until a human has looked`);
  await killSwitch.halt('freeze', text);
}

async function unwindSpot(supervisor: Supervisor, decidedAt: EpochMs, position: Btc): Promise<void> {
  const { engine } = supervisor;
  const { book, writer } = engine;
  const id = supervisor.nextFlowId('unwind');
  const run = new FlowRun(engine, id, 'unwind');
  const dust = book.residual;
  const lost = sub(position, book.perp);
  await writer.record({
    flow: id,
    type: 'flow.started',
    kind: 'unwind',
    quantity: lost,
    positionIds: book.positions().map(({ positionId }) => positionId),
    decidedAt,
  });
  await writer.mark(id, 'monitor.short-shrank');
  await writer.alert(id, 'SHORT_SHRANK', 'critical', `the short is ${formatFixed(lost)} BTC smaller without an order of ours; as much spot is sold`);
  await adoptShort(engine, id, position, 'the short shrank without an order of ours');
  const end = await new Repair(run, 'reduce-only').toTheEnd();
  await keepPositions(engine, id, 'the short shrank');
  await noteDust(engine, id, dust);
  if (end.kind === 'locked') await lockFlow(run, end.reason);
  else await run.end(book.positions().length === 0 ? 'flat' : 'rolled-back', 'the short shrank without an order of ours');
  supervisor.positionsChanged();
}
