import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json.js';

/** What makes two runs the same run (design decision 7). */
export interface RunIdentity {
  readonly config: unknown;
  readonly dataHash: string;
  readonly seed: string;
  readonly version: string;
}

/** 12 hex digits; the name of the report's folder. The order of keys in `config` does not matter. */
export function runId(identity: RunIdentity): string {
  const { config, dataHash, seed, version } = identity;
  return sha256(canonicalJson({ config, dataHash, seed, version })).slice(0, 12);
}

/** SHA-256 of UTF-8 text, 64 hex digits. */
export function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
