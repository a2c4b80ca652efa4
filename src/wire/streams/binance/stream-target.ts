import type { StreamTier } from './stream-name.js';

/** What a client's address asks for. */
export interface StreamTarget {
  /** Undefined: the address without a tier, for everything until it was retired. */
  readonly tier: StreamTier | 'private' | undefined;
  /** Messages come wrapped with the name of their stream. */
  readonly isCombined: boolean;
  /** Names of streams, listen keys included. */
  readonly names: readonly string[];
  /** Of the user's streams only these come; undefined: all. */
  readonly events: ReadonlySet<string> | undefined;
}

const TARGET = /^(?:\/(public|market|private))?\/(ws|stream)(?:\/(.*))?$/;

/** @returns undefined for a path that is not the venue's. */
export function parseTarget(target: string): StreamTarget | undefined {
  const at = target.indexOf('?');
  const path = at < 0 ? target : target.slice(0, at);
  const query = new URLSearchParams(at < 0 ? '' : target.slice(at + 1));
  const [, tier, mode, rest = ''] = TARGET.exec(path.replace(/\/$/, '')) ?? [];
  if (mode === undefined) return undefined;
  const listed = [...split(rest), ...query.getAll('streams').flatMap(split), ...query.getAll('listenKey').flatMap(split)];
  const events = query.getAll('events').flatMap(split);
  return {
    tier: tier as StreamTarget['tier'],
    isCombined: mode === 'stream',
    names: listed,
    events: events.length === 0 ? undefined : new Set(events),
  };
}

const split = (text: string): string[] => text.split('/').filter((name) => name !== '');
