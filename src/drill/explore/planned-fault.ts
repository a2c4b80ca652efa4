import { createHash } from 'node:crypto';
import { assert } from '../../core/assert.js';
import { checkFaults, compileFault } from '../../faults/compile-fault.js';
import type { FaultRule } from '../../faults/fault-rule.js';
import type { ResolvedScenario } from '../../faults/resolved-scenario.js';
import { faultSchema, type FaultInput } from '../../faults/scenario-schema.js';

/** A fault as a scenario file holds it: what an explorer plans can be written to a file as it is. */
export type PlannedFault = FaultInput;

export const LEVELS = ['singles', 'crash', 'grid', 'pairs', 'boundaries', 'permanent', 'swarm'] as const;
export type Level = (typeof LEVELS)[number];

/** One run to be made: a flow with faults added. Plain data, so that it can be sent to a worker or kept in a file. */
export interface Plan {
  readonly level: Level;
  /** Id of the flow variant. */
  readonly flow: string;
  readonly seed: number;
  readonly faults: readonly PlannedFault[];
  /** Events that are due at one instant fire in a seeded permutation instead of the order they were set in. */
  readonly shuffled?: boolean | undefined;
  /** An oracle that always breaks is planted: the job must report this very run (meta check M2). */
  readonly canary?: boolean | undefined;
}

/** 16 hex digits that name a plan: the same plan has the same id in every run of the explorer. */
export function planId({ flow, seed, faults, shuffled, canary }: Plan): string {
  return createHash('sha256')
    .update(JSON.stringify(canary === true ? [flow, seed, faults, shuffled === true, 'canary'] : [flow, seed, faults, shuffled === true]))
    .digest('hex')
    .slice(0, 16);
}

/** Pairs and second crashes use the same few faults again and again. */
const COMPILED_MAX = 20_000;
const compiled = new Map<string, FaultRule>();

/** @param ids - of all faults, which a fault's anchors may name. */
function compiledFault(fault: PlannedFault, ids: readonly string[]): FaultRule {
  const key = JSON.stringify(fault);
  // What an anchor names must be looked up in its own plan.
  const known = key.includes('"fault"') ? undefined : compiled.get(key);
  if (known !== undefined) return known;
  const rule = compileFault(faultSchema.parse(fault), ids, {}, (path, problem) =>
    assert(false, `planned fault ${fault.id}, ${path.map(String).join('.')}: ${problem}`),
  );
  if (compiled.size >= COMPILED_MAX) compiled.clear();
  compiled.set(key, rule);
  return rule;
}

/**
 * The flow's scenario with the plan's faults behind its own, watched for as long as they last.
 * @throws Error when a planned fault is no fault of the language: a planner's defect.
 */
export function withPlan(flow: ResolvedScenario, faults: readonly PlannedFault[]): ResolvedScenario {
  const ids = [...flow.faults.map(({ id }) => id), ...faults.map(({ id }) => id)];
  const rules = faults.map((fault) => compiledFault(fault, ids));
  const clock = { ...flow.clock, quietPeriodMs: watchedMs(rules, flow.clock.quietPeriodMs) };
  return { ...flow, clock, faults: [...flow.faults, ...rules] };
}

/** What is lost for good is watched this long: a lock, and then some minutes of what the background does. */
const FOREVER_MS = 600_000;
/** What somebody changes in an account is found by the next look at it: a monitor's period, its second look, and the repair. */
const UNSEEN_MS = 180_000;

/**
 * How long a run is watched after its last flow. A fault that outlasts the flow's own quiet period would otherwise end
 * after the run, and nobody would see whether things come right again.
 */
export function watchedMs(rules: readonly Pick<FaultRule, 'inject'>[], quietMs: number): number {
  const longest = Math.max(0, ...rules.map(lastingMs));
  return longest > quietMs ? longest + quietMs : quietMs;
}

function lastingMs({ inject }: Pick<FaultRule, 'inject'>): number {
  // What a copy of a request did shows at a look at the account alone, too; another fault may spoil the first one.
  if (inject.kind === 'call') return inject.action.kind === 'duplicate' && inject.action.part === 'request' ? UNSEEN_MS : 0;
  if (inject.action.kind === 'account') return UNSEEN_MS;
  const span = inject.kind === 'window' ? inject.for : 'for' in inject.action ? inject.action.for : undefined;
  if (span === 'forever') return FOREVER_MS;
  return typeof span === 'number' ? span : 0;
}

/** Whether a scenario file could hold these faults side by side: no two of them are the same matcher at the same stage. */
export function canStandTogether(faults: readonly PlannedFault[]): boolean {
  const ids = faults.map(({ id }) => id);
  let stand = true;
  checkFaults(
    faults.map((fault) => compiledFault(fault, ids)),
    () => (stand = false),
  );
  return stand;
}
