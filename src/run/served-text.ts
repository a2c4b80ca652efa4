import { formatFixed } from '../core/money.js';
import { brokenOf, type InvariantResult } from '../drill/oracle/oracle-report.js';
import type { ServedVerdict } from './served-verdict.js';

const HEADLINES: Readonly<Record<ServedVerdict['outcome'], string>> = {
  broken: 'BROKEN: a promise that the tape shows was not kept',
  naked: 'NAKED: a leg stands alone at the end, and nothing else that the tape shows was broken',
  held: 'held: nothing that the tape shows was broken',
};

/** The verdict for people: what was asked, what was injected, what it proves. */
export function servedText(verdict: ServedVerdict): string {
  const { oracle, flows, requests, faults, remarks, unlisted, final, outcome } = verdict;
  const judged = oracle.results.filter(({ verdict: each }) => each === 'held' || each === 'broken' || each === 'waived');
  const notJudged = oracle.results.filter(({ verdict: each }) => each === 'not judged').map(({ id }) => id);
  return sections([
    ['verdict', [HEADLINES[outcome]]],
    ['invariants', [...judged.map(line), ...(notJudged.length === 0 ? [] : [`not judged (they need a journal of ours): ${notJudged.join(', ')}`])]],
    ['flows', flows.map(({ flow, kind, outcome }) => `${flow} ${kind}: ${outcome}`)],
    [
      'at the end',
      [`residual ${formatFixed(final.residualBtc)} BTC, ${final.openOrders} orders open`, ...(final.note === undefined ? [] : [final.note])],
    ],
    ['requests', Object.entries(requests).map(([name, count]) => `${name}: ${count}`)],
    [
      'faults',
      [
        ...faults.map(
          ({ fault, fired, why }) => `${fault}: ${fired === 0 ? `never struck${why === undefined ? '' : ` (${why})`}` : `struck ${fired} times`}`,
        ),
        ...remarks,
      ],
    ],
    ['asked for and not emulated', unlisted],
  ]);
}

/** The same for machines. */
export function servedJson(verdict: ServedVerdict): object {
  const { oracle, flows, requests, faults, remarks, unlisted, final } = verdict;
  return {
    verdict: verdict.outcome,
    broken: brokenOf(oracle).map(({ id }) => id),
    flows,
    requests,
    faults: faults.map(({ fault, fired, why }) => ({ fault, fired, why })),
    remarks,
    unlisted,
    final: { ...final, residualBtc: formatFixed(final.residualBtc) },
    invariants: oracle.results,
  };
}

function line({ id, name, verdict, evaluated, breaks, broken }: InvariantResult): string {
  const head = `${id} ${name}: ${verdict}, ${evaluated} times looked at`;
  return broken === undefined ? head : `${head}, broke ${breaks} times; first: expected ${broken.expected}, found ${broken.found}`;
}

const sections = (parts: readonly (readonly [title: string, lines: readonly string[]])[]): string =>
  parts
    .filter(([, lines]) => lines.length > 0)
    .map(([title, lines]) => `${title}\n${lines.map((each) => `  ${each}`).join('\n')}`)
    .join('\n');
