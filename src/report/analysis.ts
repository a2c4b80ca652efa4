import type { RunFacts } from './facts/fact-types.js';
import { attribute, type Attribution } from './facts/attribution.js';
import { type EquityMark, equityAt } from './facts/equity.js';
import type { FillCosts } from './facts/fill-costs.js';
import { type JournalFacts, journalFacts } from './facts/journal-facts.js';
import { type FlowReport, flowReports } from './flow-reports.js';
import type { Maybe } from './not-available.js';
import { type OrderReport, orderReports } from './order-reports.js';
import type { ReportInput } from './report-input.js';
import { type EpisodeReport, episodeReports, ROLLBACK_DEADLINE_MS } from './rollback-episodes.js';
import { runFacts, TOLERANCE_DEFAULT } from './run-facts.js';
import { type Waterfall, waterfall } from './waterfall.js';

/** Everything worked out from tape and journal, as numbers; the report's sections only pick and round. */
export interface Analysis {
  readonly input: ReportInput;
  readonly facts: RunFacts;
  readonly journal: JournalFacts;
  readonly attribution: Attribution;
  readonly costs: readonly FillCosts[];
  readonly waterfall: Maybe<Waterfall>;
  readonly orders: readonly OrderReport[];
  readonly flows: readonly FlowReport[];
  readonly episodes: readonly EpisodeReport[];
  readonly deadlineMs: number;
  /** The opening, each UTC day's mark, and the end. */
  readonly equity: readonly EquityMark[];
}

/** What a drill is judged by: what was naked and what ended it, with the parts of the profit held against the ledger. */
export type EpisodeAnalysis = Pick<Analysis, 'facts' | 'journal' | 'attribution' | 'waterfall' | 'episodes' | 'deadlineMs'>;

/** @throws InternalError when the tape contradicts itself or the parts of the profit miss the ledger. */
export function analyseEpisodes(input: Pick<ReportInput, 'tape' | 'journal' | 'toleranceBtc' | 'rollbackDeadlineMs'>): EpisodeAnalysis {
  const facts = runFacts(input.tape, input.toleranceBtc ?? TOLERANCE_DEFAULT);
  const journal = journalFacts(input.journal);
  const attribution = attribute(facts);
  const deadlineMs = input.rollbackDeadlineMs ?? ROLLBACK_DEADLINE_MS;
  return {
    facts,
    journal,
    attribution,
    waterfall: waterfall(facts, attribution),
    episodes: episodeReports(facts, journal, attribution, deadlineMs),
    deadlineMs,
  };
}

/** @throws InternalError like `analyseEpisodes`. */
export function analyse(input: ReportInput): Analysis {
  const analysed = analyseEpisodes(input);
  const { facts } = analysed;
  const costs = analysed.attribution.fills;
  return {
    ...analysed,
    input,
    costs,
    orders: orderReports(facts),
    flows: flowReports(facts, costs),
    equity: equityAt(facts, equityInstants(facts)),
  };
}

function equityInstants(facts: RunFacts): readonly number[] {
  const days = facts.marks.filter((mark) => mark.why === 'day').map((mark) => mark.t);
  const opening = facts.ledger.capital[0]?.t ?? facts.from;
  return [...new Set([opening, ...days.filter((t) => t > opening && t < facts.to), facts.to])];
}
