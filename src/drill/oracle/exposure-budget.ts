import { addMs, type EpochMs } from '../../core/units.js';
import type { Excursion } from './exposure-meter.js';
import type { Invariant, Scene } from './invariant.js';
import { SilentVenue } from './silent-venue.js';
import { btc } from './words.js';

/** Alerts may come this long before the legs are seen to be unequal (an order in doubt on the other leg). */
const ALERT_BEFORE_MS = 60_000;

/**
 * I3. |delta| within tolerance, or in the budget: no larger than the flow or the holdings can make it (one lot and 1 %
 * of slack), no longer than `nakedMs` in one life of the process, its integral no more than both together. Beyond that
 * it must have been alerted and entries be locked. What is still open when the run ends, with nobody at work on it, is
 * over its budget, too. A change that no order of ours explains is in the dark while a venue that is asked says nothing
 * of its holdings: then it is enough that people know and that no order is sent, and the budget begins when it speaks.
 */
export const exposureBudget: Invariant = {
  id: 'I3',
  name: 'exposure-budget',
  promise: 'Delta is within tolerance or inside its budget, or people know and entries are locked.',
  against: 'stretch with both legs unequal',
  watch(scene, probe) {
    const silent = new SilentVenue();
    const sentAt: EpochMs[] = [];
    return {
      on: {
        request: (event) => {
          silent.request(event);
          if (event.method === 'createOrder') sentAt.push(event.t);
        },
        answer: (event) => silent.answer(event),
      },
      end: () => {
        scene.truth.exposure.finish(scene.endAt);
        for (const excursion of scene.truth.exposure.excursions) {
          if (cannotBeClosed(scene, excursion)) continue;
          const over = overBudget(scene, excursion);
          const problem = over === undefined ? undefined : notTold(scene, excursion, over.at, wasDark(scene, excursion, silent, sentAt));
          probe.check(problem === undefined, () => ({
            at: over?.at ?? excursion.start,
            tapeSeq: excursion.startSeq,
            expected: over?.expected ?? '',
            found: `${over?.found ?? ''}, and ${problem ?? ''}`,
          }));
        }
      },
    };
  },
};

/**
 * A venue that never comes back leaves nothing but to tell people and to lock; an executor that declares neither
 * cannot be asked for it (decision 15).
 */
function cannotBeClosed({ context }: Scene, { end }: Excursion): boolean {
  const isMute = !context.capabilities.includes('alerts') || !context.capabilities.includes('lock');
  return isMute && end === undefined && context.permanent.length > 0;
}

interface Over {
  readonly at: EpochMs;
  readonly expected: string;
  readonly found: string;
}

function overBudget({ context, truth, endAt }: Scene, excursion: Excursion): Over | undefined {
  const { budgets, lot } = context;
  const since = `naked since ${excursion.start}`;
  const size = excursion.allowed + excursion.allowed / 100n + lot;
  if (excursion.peak > size) return { at: excursion.start, expected: `|delta| is at most ${btc(size)}`, found: `${btc(excursion.peak)}, ${since}` };
  for (const { start, end } of excursion.stretches)
    if ((end ?? endAt) - start > budgets.nakedMs)
      return {
        at: addMs(start, budgets.nakedMs),
        expected: `delta is closed within ${budgets.nakedMs} ms`,
        found: `${btc(excursion.peak)} stayed open for ${(end ?? endAt) - start} ms, ${since}`,
      };
  const most = budgets.nakedBtcMs ?? size * BigInt(budgets.nakedMs) * BigInt(Math.max(1, excursion.stretches.length));
  if (budgets.nakedBtcMs !== undefined && excursion.integral > most)
    return { at: excursion.start, expected: `at most ${btc(most / 1_000n)} seconds`, found: `${btc(excursion.integral / 1_000n)} seconds, ${since}` };
  const last = excursion.stretches.at(-1);
  const patience = excursion.cause === 'own' ? budgets.alertMs : budgets.unseenMs;
  if (excursion.end !== undefined || last === undefined || last.end !== undefined || truth.running !== undefined) return undefined;
  return endAt - last.start <= patience
    ? undefined
    : { at: endAt, expected: 'no delta is left behind when nothing is at work on it', found: `${btc(excursion.peak)} was left open, ${since}` };
}

/** Whether the exposure was kept from everybody, nothing was sent meanwhile, and it was closed in time once a venue spoke. */
function wasDark({ context }: Scene, { cause, start, end }: Excursion, silent: SilentVenue, sentAt: readonly EpochMs[]): boolean {
  if (cause === 'own' || end === undefined) return false;
  const until = silent.until(start);
  return until !== undefined && end - until <= context.budgets.nakedMs && !sentAt.some((t) => t > start && t <= until);
}

/** Why an exposure over its budget is no honest exception; undefined when it is one. */
function notTold({ context, belief }: Scene, excursion: Excursion, overAt: EpochMs, isDark: boolean): string | undefined {
  const { capabilities, budgets } = context;
  if (!capabilities.includes('alerts') || !capabilities.includes('lock')) return 'this executor declares neither alerts nor a lock';
  const by = overAt + budgets.alertMs;
  if (!belief.knowsOf(excursion, excursion.start - ALERT_BEFORE_MS, by)) return 'no alert told of it';
  // What nobody could see needs no lock, nor does what is closed by the time at which entries had to be locked.
  if (isDark || (excursion.end !== undefined && excursion.end <= by)) return undefined;
  const locked = belief.switches.findLast(({ t }) => t <= by);
  // Where the journal could not take the halt down, what people were told of it stands for it.
  const isLocked = locked === undefined ? belief.onlyTold('HALTED', excursion.start, by) : locked.type === 'halt';
  return isLocked ? undefined : 'entries were not locked';
}
