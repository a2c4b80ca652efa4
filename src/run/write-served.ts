import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { ResolvedScenario } from '../faults/resolved-scenario.js';
import type { PremiumBars } from '../market/bars.js';
import { writeFileWhole, writeFolder } from '../report/atomic-folder.js';
import { runId } from '../report/run-id.js';
import { writeReport } from '../report/write-report.js';
import { packageVersion } from './package-version.js';
import type { ServedRun } from './served-run.js';
import { servedJson, servedText } from './served-text.js';
import type { ServedVerdict } from './served-verdict.js';

export interface ServedOutput {
  readonly run: ServedRun;
  readonly verdict: ServedVerdict;
  readonly scenario: ResolvedScenario | undefined;
  readonly bars: PremiumBars | undefined;
  readonly speed: number;
  readonly seed: string;
}

/** Why a run at another speed has no figures of the market: prices moved faster than orders and answers. */
const NO_FIGURES = 'the market went by faster than orders and answers did, so that fills, slippage and the cost of rollbacks say nothing';

/**
 * Writes the folder of a served run: report, verdict and the whole tape.
 *
 * @returns the folder.
 * @throws InputError when it cannot be written; the tape then still stands where it grew.
 */
export async function writeServed(directory: string, output: ServedOutput): Promise<string> {
  const { run, verdict, speed } = output;
  const isAtItsOwnSpeed = speed === 1;
  if (isAtItsOwnSpeed) await writeFigures(directory, output);
  else {
    const report = { kind: 'serve', speed, notAvailable: { fillQuality: NO_FIGURES, rollbackCost: NO_FIGURES }, ...servedJson(verdict) };
    await writeFolder(directory, new Map([['report.json', json(report)]]));
  }
  await writeFileWhole(join(directory, 'verdict.txt'), `${servedText(verdict)}\n`);
  await writeFileWhole(join(directory, 'verdict.json'), json(servedJson(verdict)));
  run.tape.close();
  // What a report is made of stands beside it already, but for what a long tape leaves out.
  if (!isAtItsOwnSpeed || run.tape.isAbridged) renameSync(run.tape.file, join(directory, isAtItsOwnSpeed ? 'tape.whole.jsonl' : 'tape.jsonl'));
  else run.tape.remove();
  return directory;
}

async function writeFigures(directory: string, { run, verdict, scenario, bars, seed }: ServedOutput): Promise<void> {
  const config = { mode: 'serve', seed, ...(scenario === undefined ? {} : { scenario: parse(scenario.text) as unknown }) };
  await writeReport(directory, {
    runId: runId({ config, dataHash: bars?.source.hash ?? '', seed, version: packageVersion() }),
    tape: verdict.tape,
    journal: [],
    config,
    card: [...run.market.card, ...run.simulation.card, ...CARD, ...(run.tape.isAbridged ? [ABRIDGED] : [])],
    data:
      bars === undefined
        ? { name: 'constant books of the scenario', hash: '', synthetic: true, notes: ['Mids stand still.'] }
        : { name: bars.source.name, hash: bars.source.hash, synthetic: bars.source.synthetic, notes: bars.source.notes },
    scenario: {
      name: scenario?.id ?? 'no scenario',
      verdict: verdict.outcome === 'held' ? 'passed' : 'failed',
      findings: [
        ...(verdict.final.note === undefined ? [] : [verdict.final.note]),
        ...verdict.oracle.results.flatMap(({ id, name, verdict: each, broken }) =>
          each === 'broken' && broken !== undefined ? [`${id} ${name}: expected ${broken.expected}, found ${broken.found}`] : [],
        ),
      ],
    },
    whyNoTrade: verdict.flows.length === 0 ? 'no client placed an order' : undefined,
  });
}

const CARD = [
  'A client outside this process traded in real time over sockets: two runs are never equal, and its own latency is in every figure.',
  'Flows are told from its orders: it does not say when it enters or leaves a hedge.',
];
const ABRIDGED = 'Answered reads of market data are left out of tape.jsonl; tape.whole.jsonl has them.';

const json = (value: object): string => `${JSON.stringify(value, (_key, each: unknown) => (typeof each === 'bigint' ? String(each) : each), 2)}\n`;
