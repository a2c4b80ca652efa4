import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { InputError } from '../core/input-error.js';
import { LEVELS } from '../drill/explore/planned-fault.js';
import { faultSchema, type FaultInput } from '../faults/scenario-schema.js';
import type { ResolvedScenario } from '../faults/resolved-scenario.js';
import { packageVersion } from './package-version.js';

const PREFIX = 'hd1';

const payloadSchema = z.strictObject({
  /** Id of the scenario or flow variant. */
  scenario: z.string(),
  /** Faults behind its own; absent for the scenario as it is. */
  faults: z.array(z.custom<FaultInput>((value) => faultSchema.safeParse(value).success)).optional(),
  level: z.enum(LEVELS).optional(),
  shuffled: z.boolean().optional(),
  executor: z.string(),
  /** Absent for the simulation's own clients. */
  exchange: z.enum(['ccxt', 'ccxt-guarded']).optional(),
});

type TokenPayload = z.infer<typeof payloadSchema>;

/** Everything that decides one run, in one word that fits a line of CI output. */
export interface ReplayToken {
  /** Commit of the code, with `+dirty` where the tree held changes; the version outside a checkout. */
  readonly git: string;
  readonly scenarioHash: string;
  /** Of the market data; `-` where the scenario brings its own market. */
  readonly dataHash: string;
  readonly executorHash: string;
  readonly seed: string;
  /** Of the tape that the run wrote: a replay that agrees is the same run to the byte. */
  readonly tapeHash: string;
  readonly payload: TokenPayload;
}

export function encodeToken(token: ReplayToken): string {
  const payload = deflateRawSync(JSON.stringify(token.payload)).toString('base64url');
  const seed = Buffer.from(token.seed).toString('base64url');
  return [PREFIX, token.git, token.scenarioHash, token.dataHash, token.executorHash, seed, token.tapeHash, payload].join(':');
}

/** @throws InputError when the text is no token. */
export function decodeToken(text: string): ReplayToken {
  const parts = text.trim().split(':');
  const [prefix, git, scenarioHash, dataHash, executor, seed, tapeHash, payload] = parts;
  if (prefix !== PREFIX && /^hd\d+$/.test(prefix ?? ''))
    throw new InputError(
      `the token is of form ${prefix ?? ''}, this version reads ${PREFIX}`,
      { key: '--token' },
      'replay it with the version that printed it',
    );
  if (prefix === PREFIX && parts.length < 8)
    throw new InputError(
      `the token was cut off: ${parts.length} of its 8 parts are there`,
      { key: '--token' },
      'copy the whole word that the failing run printed',
    );
  if (
    prefix !== PREFIX ||
    parts.length !== 8 ||
    git === undefined ||
    scenarioHash === undefined ||
    dataHash === undefined ||
    executor === undefined ||
    seed === undefined ||
    tapeHash === undefined ||
    payload === undefined
  ) {
    throw new InputError(
      `expected a replay token, ${PREFIX}: and seven parts, found "${text.slice(0, 40)}"`,
      { key: '--token' },
      'copy the whole word that the failing run printed',
    );
  }
  return {
    git,
    scenarioHash,
    dataHash,
    executorHash: executor,
    seed: Buffer.from(seed, 'base64url').toString(),
    tapeHash,
    payload: decodePayload(payload),
  };
}

function decodePayload(text: string): ReplayToken['payload'] {
  try {
    return payloadSchema.parse(JSON.parse(inflateRawSync(Buffer.from(text, 'base64url')).toString('utf8')));
  } catch {
    throw new InputError('the last part of the token cannot be read', { key: '--token' }, 'it was cut off or comes from another version');
  }
}

/** 12 hex digits for a scenario with everything it includes. */
export const scenarioHash = (scenario: ResolvedScenario): string => createHash('sha256').update(scenario.text).digest('hex').slice(0, 12);

let described: string | undefined;

/** The commit of this code; `+dirty` when the tree differs from it, `v<version>` where there is no checkout. */
export function codeVersion(): string {
  if (described !== undefined) return described;
  const cwd = dirname(fileURLToPath(import.meta.url));
  try {
    const git = (...args: string[]): string => execFileSync('git', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    const commit = git('rev-parse', '--short=12', 'HEAD');
    described = git('status', '--porcelain', '--untracked-files=no') === '' ? commit : `${commit}+dirty`;
  } catch {
    described = `v${packageVersion()}`;
  }
  return described;
}
