import { venueOfLeg, type VenueId } from '../core/units.js';
import { DEFAULT_BUDGETS, LOT, type OracleContext } from '../drill/oracle/oracle-context.js';
import type { RuleChange } from '../drill/oracle/venue-terms.js';
import type { FaultRule } from '../faults/fault-rule.js';
import { neverEnds } from '../faults/lasting-faults.js';
import type { ResolvedScenario } from '../faults/resolved-scenario.js';
import type { ScenarioFaultSession } from '../faults/scenario-faults.js';
import { isStressed } from '../faults/stress/stress-spec.js';
import type { World } from '../faults/world.js';
import type { TapeEvent } from '../sim/tape-event.js';

export interface OracleContextInput {
  readonly tape: readonly TapeEvent[];
  readonly scenario: ResolvedScenario | undefined;
  readonly withFaults: boolean;
  readonly world: World;
  readonly session: ScenarioFaultSession;
  readonly capabilities: readonly string[];
  readonly durableAt: ReadonlyMap<string, number>;
  readonly unhandled: readonly string[];
  readonly canary?: boolean | undefined;
}

/** What a run knows about itself that its tape and journal do not say. */
export function oracleContext(input: OracleContextInput): OracleContext {
  const { tape, scenario, withFaults, world, session } = input;
  return {
    capabilities: input.capabilities,
    tolerance: isOnGrid(tape) ? (0n as OracleContext['tolerance']) : ((LOT - 1n) as OracleContext['tolerance']),
    lot: LOT,
    isFaultFree: !withFaults || ((scenario?.faults.length ?? 0) === 0 && !isStressed(world.stress)),
    lastFaultAt: session.lastStruckAt(),
    permanent: withFaults ? permanentFaults(scenario?.faults ?? [], tape) : [],
    budgets: budgetsUnder(scenario),
    rules: { upbit: world.venues.upbit.rules, binance: world.venues.binance.rules },
    ruleChanges: withFaults ? ruleChanges(scenario?.faults ?? [], tape) : [],
    idReuse: { upbit: world.venues.upbit.idReuse, binance: world.venues.binance.idReuse },
    durableAt: input.durableAt,
    unhandled: input.unhandled,
    waivers: scenario?.expect.waive ?? [],
    canary: input.canary,
  };
}

/** A scenario whose Upbit may take longer tells the executor so, and the oracle reads the same figure: a flow may wait for as much longer. */
function budgetsUnder(scenario: ResolvedScenario | undefined): OracleContext['budgets'] {
  const lifetime = scenario?.executor.policy['upbitLifetimeMs'];
  if (typeof lifetime !== 'number') return DEFAULT_BUDGETS;
  const { lifetimeMs, flowEndMs } = DEFAULT_BUDGETS;
  return { ...DEFAULT_BUDGETS, lifetimeMs: { ...lifetimeMs, upbit: lifetime }, flowEndMs: flowEndMs + Math.max(0, lifetime - lifetimeMs.upbit) };
}

/** Whether both legs traded whole lots only. */
function isOnGrid(tape: readonly TapeEvent[]): boolean {
  for (const event of tape) if (event.type === 'order.ended' && event.executed % LOT !== 0n) return false;
  return true;
}

/** Faults without an end that did strike, each venue by itself. */
function permanentFaults(rules: readonly FaultRule[], tape: readonly TapeEvent[]): OracleContext['permanent'] {
  const endless = new Map(rules.filter(neverEnds).map((rule) => [rule.id, rule]));
  if (endless.size === 0) return [];
  const found: { since: TapeEvent['t']; venue?: VenueId | undefined }[] = [];
  for (const event of tape) {
    if (event.type !== 'fault') continue;
    const rule = endless.get(event.fault);
    if (rule === undefined) continue;
    endless.delete(event.fault);
    const venues = rule.inject.kind === 'window' && rule.inject.action.kind === 'outage' ? venuesOf(rule) : [undefined];
    for (const venue of venues) found.push({ since: event.t, venue });
  }
  return found;
}

/** The venues' rules as `account: { rules }` changed them, from the instant at which the fault struck. */
function ruleChanges(rules: readonly FaultRule[], tape: readonly TapeEvent[]): readonly RuleChange[] {
  const changing = new Map(
    rules.filter(({ inject }) => inject.kind === 'instant' && inject.action.kind === 'account').map((rule) => [rule.id, rule]),
  );
  if (changing.size === 0) return [];
  return tape.flatMap((event) => {
    const rule = event.type === 'fault' ? changing.get(event.fault) : undefined;
    if (rule?.inject.kind !== 'instant' || rule.inject.action.kind !== 'account') return [];
    const changed = rule.inject.action.rules;
    if (changed === undefined) return [];
    return venuesOf(rule).flatMap((venue) => (venue === undefined ? [] : [{ since: event.t, venue, rules: changed }]));
  });
}

function venuesOf({ when }: FaultRule): readonly (VenueId | undefined)[] {
  if (when.kind === 'call') return when.match.venues ?? (when.match.leg === undefined ? [undefined] : [venueOfLeg(when.match.leg)]);
  return when.venues.filter((venue) => venue !== 'fx');
}
