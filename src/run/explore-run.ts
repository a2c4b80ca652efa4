import { createHash } from 'node:crypto';
import { add, fixed, type Btc } from '../core/money.js';
import type { ExploredRun, GridCell } from '../drill/explore/explored-run.js';
import type { FaultPoint } from '../drill/explore/fault-point.js';
import { gridCells } from '../drill/explore/grid.js';
import { machineCells } from '../drill/explore/machine.js';
import { planId, withPlan, type Plan } from '../drill/explore/planned-fault.js';
import type { Finding } from '../faults/expectation.js';
import type { ProcessStep } from '../faults/fault-session.js';
import type { ResolvedScenario } from '../faults/resolved-scenario.js';
import { signed } from '../hedge/residual.js';
import type { TapeEvent } from '../sim/tape-event.js';
import { drill } from './drill.js';
import type { NamedExecutor } from './executors.js';
import type { SimulatedRun } from './simulated-run.js';

/** How one plan is carried out. */
export interface ExploreContext {
  readonly executor: NamedExecutor;
  /** The flow variants by id. */
  readonly flows: ReadonlyMap<string, ResolvedScenario>;
}

/** Carries out one plan and keeps what the explorer needs of it. @throws Error for a flow that is not in the context. */
export async function exploreRun({ executor, flows }: ExploreContext, plan: Plan): Promise<ExploredRun> {
  const flow = flows.get(plan.flow);
  if (flow === undefined) throw new Error(`no flow variant ${plan.flow}`);
  const steps: ProcessStep[] = [];
  const run = await drill({
    scenario: withPlan(flow, plan.faults),
    executor,
    seed: String(plan.seed),
    withFaults: true,
    shuffled: plan.shuffled,
    canary: plan.canary,
    onStep: buildsMore(plan) ? (step) => steps.push(step) : undefined,
  });
  const points = pointsOf(run.tape.events, steps, flow.world.streams === true);
  const planned = new Set(plan.faults.map(({ id }) => id));
  const tally = run.facts.tally.filter(({ fault }) => planned.has(fault));
  const outcomes = run.facts.flows.map(({ outcome }) => outcome ?? 'never ended');
  return {
    id: planId(plan),
    plan,
    broken: brokenOf(run.findings, plan),
    outcomes,
    locked: run.facts.entryLocked === true,
    fired: tally.filter(({ fired }) => fired > 0).map(({ fault }) => fault),
    masked: tally.filter(({ fired, masked }) => fired === 0 && masked > 0).map(({ fault }) => fault),
    strikes: strikesOf(run.tape.events, plan),
    points,
    lastStruck: lastStruck(points, plan),
    behaviour: behaviourOf(run.tape.events),
    grid: gridOf(run),
    cells: machineCells(run.journal),
    marks: run.facts.marks ?? [],
    events: run.tape.events.length,
    virtualMs: (run.tape.events.at(-1)?.t ?? 0) - (run.tape.events[0]?.t ?? 0),
    tapeHash: run.tape.hash(),
  };
}

/** Only traces that further plans are made from are kept: hundreds of thousands of others would fill the memory. */
const buildsMore = ({ level, faults }: Plan): boolean => level === 'singles' || (level === 'crash' && faults.length === 1);

const gridOf = (run: SimulatedRun): readonly GridCell[] => gridCells(run.tape.events, run.journal);

/**
 * What a plan breaks. A planned fault that never fired says something about the plan and not about the executor. With
 * a venue gone for ever only a lock with its alarm is a good end, so what the flow's own end expects is not asked.
 */
export function brokenOf(findings: readonly Finding[], plan: Pick<Plan, 'level' | 'faults'>): ExploredRun['broken'] {
  return (
    findings
      .filter(({ key, verdict }) => verdict === 'broken' && !/^(faults|groups|sometimes)\b/.test(key))
      // The worlds of a swarm are bad enough by themselves to cost a flow, and to be told of.
      .filter(({ key }) => plan.level !== 'swarm' || (key !== 'oracle.L6' && !(key === 'oracle.I13' && plan.faults.length === 0)))
      .filter(({ key }) => plan.level !== 'permanent' || !/^(outcome|final|within|flow)\b/.test(key))
      .map(({ key, expected, found }) => ({ key, expected, found }))
  );
}

/** Calls with their attributes and steps with their names, in the order in which the process came to them. */
function pointsOf(tape: readonly TapeEvent[], steps: readonly ProcessStep[], hasStreams: boolean): readonly FaultPoint[] {
  if (steps.length === 0) return [];
  const requests = new Map<string, Extract<TapeEvent, { type: 'request' }>>();
  for (const event of tape) if (event.type === 'request') requests.set(event.point, event);
  const short = shortAt(tape);
  const points: FaultPoint[] = [];
  for (const { point, name, incarnation } of steps) {
    points.push({ kind: 'step', id: point, name, incarnation, ...(hasStreams ? { hasStreams } : {}) });
    if (!point.endsWith('.sent')) continue;
    const request = requests.get(point.slice(0, -'.sent'.length));
    if (request === undefined) continue;
    const { venue, method, purpose, leg, side, orderType, reduceOnly, prepares } = request;
    const quantity = request.quantity === undefined ? undefined : Number(request.quantity);
    const holdsShort = short.has(request.request) ? true : undefined;
    points.push({ kind: 'call', id: request.point, venue, method, purpose, leg, side, orderType, reduceOnly, prepares, quantity, holdsShort });
  }
  return points;
}

/** The requests that left while the account was short. */
function shortAt(tape: readonly TapeEvent[]): ReadonlySet<number> {
  const requests = new Set<number>();
  let perp = fixed<Btc>(0n);
  for (const event of tape) {
    if (event.type === 'fill' && event.leg === 'perp') perp = add(perp, signed(event.side, event.quantity));
    if (event.type === 'forced') perp = add(perp, event.quantity);
    if (event.type === 'request' && perp < 0n) requests.add(event.request);
  }
  return requests;
}

/** Where chance struck: a shrinker puts these very calls in its place. */
function strikesOf(tape: readonly TapeEvent[], { faults }: Plan): ExploredRun['strikes'] {
  const byChance = new Set(faults.flatMap(({ id, when }) => (when.probability === undefined ? [] : [id])));
  if (byChance.size === 0) return [];
  const points = new Map(tape.flatMap((event) => (event.type === 'request' ? [[event.request, event.point] as const] : [])));
  const strikes = new Map<string, ExploredRun['strikes'][number]>();
  for (const event of tape) {
    if (event.type !== 'fault' || event.request === undefined || !byChance.has(event.fault)) continue;
    const point = points.get(event.request);
    if (point !== undefined) strikes.set(`${event.fault} ${point}`, { fault: event.fault, point });
  }
  return [...strikes.values()];
}

/** The place of the last planned fault among the points; -1 where the plan names none. */
function lastStruck(points: readonly FaultPoint[], { faults }: Plan): number {
  const struck = new Set(faults.flatMap(({ when }) => (when.point === undefined ? [] : [when.point])));
  return points.findLastIndex(({ id }) => struck.has(id));
}

/** A hash of what the client did and was told, without times: runs that agree in it behave alike. */
function behaviourOf(tape: readonly TapeEvent[]): string {
  const hash = createHash('sha256');
  const points = new Map<number, string>();
  for (const event of tape) {
    if (event.type === 'request') points.set(event.request, event.point);
    if (event.type === 'answer') hash.update(`${points.get(event.request) ?? ''} ${event.ok ? 'ok' : (event.error ?? '')} ${event.code ?? ''}\n`);
    if (event.type === 'process') hash.update(`${event.event} ${event.incarnation}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}
