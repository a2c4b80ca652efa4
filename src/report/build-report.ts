import { type Analysis, analyse } from './analysis.js';
import type { TableEngine } from './danfo-tables.js';
import type { ReportInput } from './report-input.js';
import { type Report, SCHEMA_VERSION, type Summary } from './report-json.js';
import {
  alternativesOf,
  equityRows,
  exposureSection,
  faultRows,
  flowRows,
  hedgeQualitySection,
  imbalanceSection,
  ratesSection,
  returnsSection,
  waterfallSection,
} from './sections/detail-sections.js';
import { fillQualitySection } from './sections/fill-quality-section.js';
import { rollbackSection } from './sections/rollback-section.js';
import { summarySection } from './sections/summary-section.js';
import { tablesSection } from './sections/tables-section.js';

/** The figures of the one screen, without writing anything and without loading the table library. */
export function summarise(input: ReportInput): Summary {
  return summarySection(analyse(input));
}

/** The contents of report.json. */
export function buildReport(analysis: Analysis, engine: TableEngine): Report {
  const { input, facts } = analysis;
  const summary = summarySection(analysis);
  return {
    schemaVersion: SCHEMA_VERSION,
    summary,
    waterfall: waterfallSection(analysis),
    rates: ratesSection(analysis),
    alternatives: alternativesOf(summary.earned),
    fillQuality: fillQualitySection(analysis),
    hedgeQuality: hedgeQualitySection(analysis),
    exposure: exposureSection(analysis),
    rollback: rollbackSection(analysis),
    returns: returnsSection(analysis),
    imbalance: imbalanceSection(analysis),
    equity: equityRows(analysis),
    flows: flowRows(analysis),
    faults: faultRows(analysis),
    tables: tablesSection(analysis, engine),
    sensitivity: input.sensitivity ?? null,
    card: [...input.card, ...CARD],
    notes: [...input.data.notes, ...facts.notes],
  };
}

/** What holds for every report, beside the card of the run. */
const CARD = [
  'Queue position is not modelled: the executor never rests an order.',
  'The arrival price is the mid when the order reached the venue; the way there counts as delay.',
  'Not reported: a market-impact model by size (fills walk the book of the run, and that walk is the impact); regret against the best fixed policy.',
  "Money is valued at USD/KRW (the run's FX source), BTC at each venue's mid; USDT on Upbit may be worth another rate.",
] as const;
