import { assert } from '../core/assert.js';
import { addMs, durationMs, type EpochMs } from '../core/units.js';
import type { FlowStep, ResolvedScenario } from '../faults/resolved-scenario.js';
import type { ScenarioFaultSession } from '../faults/scenario-faults.js';
import type { FlowOutcome, HaltLevel } from '../journal/journal-event.js';
import type { Simulation } from '../sim/simulation.js';
import type { VirtualClock } from '../sim/virtual-clock.js';
import type { ExecutorHost } from './executor-host.js';
import type { FlowRunner } from './flow-runner.js';

export interface StepsOptions {
  readonly clock: VirtualClock;
  readonly host: ExecutorHost;
  readonly simulation: Pick<Simulation, 'operatorStep'>;
  readonly session: ScenarioFaultSession;
  readonly flows: FlowRunner;
  /** Runs the strategy over the data; absent when the run has none. */
  readonly trade?: (() => Promise<void>) | undefined;
}

/** How a flow of a step may end, where the step says so. */
export type EndsByFlow = ReadonlyMap<number, readonly FlowOutcome[]>;

/** Goes through a scenario's steps: flows one after the other, the kill switch and restarts when they are due. */
export async function runSteps(scenario: ResolvedScenario, options: StepsOptions): Promise<EndsByFlow> {
  const { clock, session } = options;
  const ends = new Map<number, readonly FlowOutcome[]>();
  const outside: Promise<void>[] = [];
  const act = (step: OutsideStep): Promise<void> => strike(step, options, scenario.executor.restartAfterMs);
  // What comes from outside is armed before the first flow: it may strike while a flow listed before it runs.
  for (const step of scenario.flow) {
    if (isFromOutside(step) && step.at !== undefined) session.watch(step.at, (at) => outside.push(later(clock, at, () => act(step))));
  }
  for (const step of scenario.flow) {
    if (!isFromOutside(step)) await runFlowStep(step, options, ends);
    else if (step.at === undefined) await act(step);
  }
  await Promise.all(outside);
  return ends;
}

type OutsideStep = Extract<FlowStep, { readonly do: 'kill-switch' | 'unlock' | 'restart' }>;
type FlowOnly = Exclude<FlowStep, OutsideStep>;

const isFromOutside = (step: FlowStep): step is OutsideStep => step.do === 'kill-switch' || step.do === 'unlock' || step.do === 'restart';

async function runFlowStep(
  step: FlowOnly,
  { clock, host, session, flows, trade }: StepsOptions,
  ends: Map<number, readonly FlowOutcome[]>,
): Promise<void> {
  if (step.do === 'hold') {
    await clock.sleep(durationMs(step.forMs));
    return;
  }
  if (step.do === 'trade') {
    assert(trade !== undefined, 'a scenario that trades runs with data');
    await trade();
    return;
  }
  if (step.at !== undefined) {
    const trigger = step.at;
    await new Promise<void>((resolve) => session.watch(trigger, () => resolve()));
  }
  // Whoever asks for a flow while the process is down asks again once it is up, on the prices of that moment.
  await host.up();
  const decision = flows.decision();
  assert(decision !== undefined, 'a drill enters while its market is open');
  const end = step.do === 'enter' ? await flows.enter(step.quantity, decision) : await flows.exit('scenario', decision);
  if (step.ends !== undefined) ends.set(end.flow, step.ends);
}

/** Carries out a step from outside: a hand on the kill switch, or a deploy. */
async function strike(step: OutsideStep, { host, simulation }: Pick<StepsOptions, 'host' | 'simulation'>, restartAfterMs: number): Promise<void> {
  // A switch thrown while the process is down is thrown as soon as it is up; a deploy of it changes nothing.
  if (step.do !== 'restart') await host.up();
  if (!host.isAlive) return;
  switch (step.do) {
    case 'kill-switch':
      simulation.operatorStep('kill-switch', step.level);
      await host.call(async (executor) => executor.halt?.(step.level, 'scenario'));
      return;
    case 'unlock':
      simulation.operatorStep('unlock');
      await host.call(async (executor) => executor.resume?.('scenario'));
      return;
    case 'restart':
      await host.restart(restartAfterMs);
  }
}

/** Somebody throws the kill switch at this level now; undefined: releases it. */
export function operate(level: HaltLevel | undefined, options: Pick<StepsOptions, 'host' | 'simulation'>): Promise<void> {
  return strike(level === undefined ? { do: 'unlock', at: undefined } : { do: 'kill-switch', level, at: undefined }, options, 0);
}

async function later(clock: VirtualClock, at: EpochMs, act: () => Promise<void>): Promise<void> {
  const due = addMs(at, 0);
  if (due > clock.now()) await clock.sleep(durationMs(due - clock.now()));
  await act();
}
