import { formatFixed, abs, add } from '../core/money.js';
import { loadScenario } from '../faults/load-scenario.js';
import { textTimeline } from '../report/text-timeline.js';
import type { TapeEvent } from '../sim/tape-event.js';
import { drillWithControl, type DrillVerdict } from './drill.js';
import { executorNamed } from './executors.js';
import { nakedText } from './flow-runner.js';
import { scenarioPath, scenariosDir } from './package-paths.js';

const TIMELINE_LINES = 12;

/** Two executors, the same venues, seed and lost reply: what each believes and what is true. */
export interface Duel {
  readonly naive: DrillVerdict;
  readonly reference: DrillVerdict;
}

export async function fightDuel(seed: string): Promise<Duel> {
  const scenario = await loadScenario(scenarioPath('duel-lost-reply'), { scenariosDir: scenariosDir() });
  const fight = async (name: string): Promise<DrillVerdict> =>
    drillWithControl({ scenario, executor: await executorNamed(name), seed, mode: 'duel' });
  return { naive: await fight('naive'), reference: await fight('reference') };
}

/** The duel on one screen. */
export function duelText({ naive, reference }: Duel): string {
  const { tape } = reference.run;
  const begin = tape.events.find(({ type }) => type === 'flow.begin');
  const from = begin?.t ?? 0;
  return [
    'DUEL  one reply lost after the venue acted: same venues, same seed, two executors',
    '',
    `  naive      ${ending(naive)}`,
    `  reference  ${ending(reference)}`,
    '',
    textTimeline(tape.events, reference.run.journal, { from, to: settledAt(tape.events), maxLines: TIMELINE_LINES }),
  ].join('\n');
}

function ending({ run, control }: DrillVerdict): string {
  const { facts, tape } = run;
  const residual = add(facts.spot, facts.perp);
  const begin = tape.events.find((event) => event.type === 'flow.begin');
  const withoutFault = `(without the fault: ${control})`;
  if (residual !== 0n) return `ends NAKED by ${nakedText(residual, begin?.upbitMid ?? 0)} ${withoutFault}`;
  const seconds = ((settledAt(tape.events) - (begin?.t ?? 0)) / 1_000).toFixed(1);
  return `ends hedged, ${formatFixed(abs(facts.perp))} BTC on both legs, proven after ${seconds} s ${withoutFault}`;
}

/** When the flow was over. */
function settledAt(tape: readonly TapeEvent[]): number {
  return tape.findLast(({ type }) => type === 'flow.end')?.t ?? tape.at(-1)?.t ?? 0;
}
