import { stringify } from 'yaml';
import { encodeJournalRecord } from '../journal/journal-codec.js';
import { encodeTapeEvent } from '../sim/tape-codec.js';
import { analyse } from './analysis.js';
import { writeFolder } from './atomic-folder.js';
import { buildReport } from './build-report.js';
import { canonicalJson } from './canonical-json.js';
import { fillsCsv, ordersCsv, rollbacksCsv } from './csv-files.js';
import { loadTableEngine, type TableEngine } from './danfo-tables.js';
import { reportHtml } from './report-html.js';
import type { ReportInput } from './report-input.js';
import type { Summary } from './report-json.js';
import { reportMarkdown } from './report-md.js';
import { textTimeline } from './text-timeline.js';
import { episodeWindow, worstEpisode } from './worst-episode.js';

/** The summary of report.json, and where it was written. */
export interface ReportSummary extends Summary {
  /** As the caller gave it; not part of report.json. */
  readonly directory: string;
}

const TIMELINE_LINES = 24;

/**
 * Writes the report folder, whole or not at all; a finished report in its place is replaced.
 *
 * @throws InputError when the folder cannot be written.
 * @throws InternalError when the tape contradicts itself or the profit's parts miss the ledger by over 1 KRW.
 */
export async function writeReport(directory: string, input: ReportInput, engine?: TableEngine): Promise<ReportSummary> {
  const { summary, files } = await reportFiles(input, engine ?? loadTableEngine());
  await writeFolder(directory, files);
  return { ...summary, directory };
}

/** Every file of the report by name: a pure function of the input (and of which table library is there). */
async function reportFiles(
  input: ReportInput,
  engine: TableEngine,
): Promise<{ readonly summary: Summary; readonly files: ReadonlyMap<string, string> }> {
  const analysis = analyse(input);
  const report = buildReport(analysis, engine);
  const worst = worstEpisode(analysis);
  const timeline =
    worst === undefined ? '' : textTimeline(input.tape, input.journal, { ...episodeWindow(analysis, worst), maxLines: TIMELINE_LINES });
  const config: unknown = JSON.parse(canonicalJson(input.config));
  const files = new Map<string, string>([
    ['report.html', await reportHtml(analysis, report, engine.name)],
    ['report.md', reportMarkdown(report, timeline, engine.name)],
    ['report.json', `${JSON.stringify(report, undefined, 2)}\n`],
    ['orders.csv', ordersCsv(analysis)],
    ['fills.csv', fillsCsv(analysis)],
    ['rollbacks.csv', rollbacksCsv(analysis)],
    ['tape.jsonl', input.tape.map((event) => `${encodeTapeEvent(event)}\n`).join('')],
    ['journal.jsonl', input.journal.map((record) => `${encodeJournalRecord(record)}\n`).join('')],
    ['config.resolved.yaml', stringify(config, { lineWidth: 0 })],
  ]);
  return { summary: report.summary, files };
}
