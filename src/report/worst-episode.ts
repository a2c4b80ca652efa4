import type { Analysis } from './analysis.js';
import type { EpisodeReport } from './rollback-episodes.js';

/** Lead-in and tail of a timeline around an episode. */
const AROUND_MS = 2_000;

/** The episode that cost or risked most: by cost of the unwinding, then by naked KRW-seconds. */
export function worstEpisode({ episodes }: Analysis): EpisodeReport | undefined {
  const weight = ({ costKrw, exposure }: EpisodeReport): readonly [number, number] => [Math.max(0, costKrw), exposure.krwSeconds];
  return episodes.reduce<EpisodeReport | undefined>((worst, episode) => {
    if (worst === undefined) return episode;
    const [cost, risk] = weight(episode);
    const [worstCost, worstRisk] = weight(worst);
    return cost > worstCost || (cost === worstCost && risk > worstRisk) ? episode : worst;
  }, undefined);
}

/** The stretch of time that tells an episode's story: its flow from the start, and until the executor had proof. */
export function episodeWindow({ facts }: Analysis, episode: EpisodeReport): { readonly from: number; readonly to: number } {
  const flow = facts.flows.find(({ begin }) => begin.flow === episode.flow);
  const proven = typeof episode.provenAfterMs === 'number' ? episode.start + episode.provenAfterMs : undefined;
  const end = Math.max(episode.end ?? facts.to, proven ?? 0);
  const close = flow?.end !== undefined && flow.end.t >= end && flow.end.t <= end + 60_000 ? flow.end.t : end;
  const from =
    flow !== undefined && flow.begin.t <= episode.start && episode.start - flow.begin.t < 60_000 ? flow.begin.t : episode.start - AROUND_MS;
  return { from, to: Math.min(facts.to, close + AROUND_MS) };
}
