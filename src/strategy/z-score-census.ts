import type { ZScoreOptions } from './z-score-strategy.js';

/** Counts of what became of the bars, so that a run without trades can say why. */
export interface ZScoreCensus {
  bars: number;
  gaps: number;
  /** Bars at which the window had not seen its whole duration since the start or the last gap. */
  barsFilling: number;
  /** Bars at which a full window held too few bars or did not move. */
  barsWithoutSpread: number;
  samplesMost: number;
  zLowest: number;
  signals: number;
  entries: number;
  readonly blocked: Record<'gap' | 'fxStep' | 'fxStale' | 'fxJumped' | 'cooldown' | 'positions', number>;
}

export const newCensus = (): ZScoreCensus => ({
  bars: 0,
  gaps: 0,
  barsFilling: 0,
  barsWithoutSpread: 0,
  samplesMost: 0,
  zLowest: Infinity,
  signals: 0,
  entries: 0,
  blocked: { gap: 0, fxStep: 0, fxStale: 0, fxJumped: 0, cooldown: 0, positions: 0 },
});

const OBSTACLES: Readonly<Record<keyof ZScoreCensus['blocked'], string>> = {
  gap: 'on a bar after a gap',
  fxStep: 'on a bar with a new USD/KRW',
  fxStale: 'while USD/KRW was stale',
  fxJumped: 'while USD/KRW had jumped',
  cooldown: 'during the cooldown',
  positions: 'with all positions open',
};

/** One sentence: what kept the strategy from acting, or what it signalled. */
export function sentenceOf(census: ZScoreCensus, { windowMs, entry, samplesMin, trigger }: ZScoreOptions): string {
  const hours = Math.round(windowMs / 36_000) / 100;
  const judged = census.bars - census.barsFilling - census.barsWithoutSpread;
  if (census.bars === 0) return 'There was no bar to judge.';
  if (judged === 0 && census.barsWithoutSpread === 0) {
    return `The window of ${hours} h never filled: ${census.bars} bars with ${census.gaps} gaps, and every gap starts it anew.`;
  }
  if (judged === 0) {
    return census.samplesMost < samplesMin
      ? `The window of ${hours} h held at most ${census.samplesMost} bars, and a z-score takes at least ${samplesMin}: choose a longer window for data this coarse.`
      : `The premium did not move in any window of ${hours} h, so there was no z-score.`;
  }
  const lowest = (Math.round(census.zLowest * 100) / 100).toFixed(2);
  if (census.signals === 0) {
    return trigger === 'level'
      ? `The z-score never fell to -${entry}: its lowest was ${lowest} over ${judged} bars.`
      : `The z-score never came back from below -${entry}: its lowest was ${lowest} over ${judged} bars.`;
  }
  const blocked = Object.entries(OBSTACLES).flatMap(([name, words]) => {
    const count = census.blocked[name as keyof ZScoreCensus['blocked']];
    return count === 0 ? [] : [`${count} ${words}`];
  });
  const held = blocked.length === 0 ? '' : `; held back: ${blocked.join(', ')}`;
  return `${census.signals} bars signalled an entry and ${census.entries} were passed on${held}.`;
}
