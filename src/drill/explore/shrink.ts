import { isBroken, type ExploredRun } from './explored-run.js';
import { isStepPoint } from '../../faults/step-matcher.js';
import { canStandTogether, type Plan, type PlannedFault } from './planned-fault.js';
import { smallestFailing } from '../smallest-failing.js';

/** Carries out a plan; the shrinker needs nothing else of the world. */
export type RunPlan = (plan: Plan) => Promise<ExploredRun>;

export interface Shrunk {
  readonly run: ExploredRun;
  /** Runs it took. */
  readonly tries: number;
  readonly shrunkFrom: number;
}

/**
 * The smallest plan that still breaks the same promise of the same flow: chance replaced by where it struck, fewer
 * faults first, then tamer ones, then matchers that a person can read in place of exact points.
 *
 * @param maxTries - when they are used up the smallest plan so far is the answer.
 */
export async function shrink(failing: ExploredRun, runPlan: RunPlan, maxTries = 300): Promise<Shrunk> {
  const search = new Search(failing, runPlan, maxTries);
  await search.concretise();
  await search.dropFaults();
  await search.simplify();
  await search.generalise();
  await search.merge();
  return { run: search.best, tries: search.tries, shrunkFrom: failing.plan.faults.length };
}

class Search {
  best: ExploredRun;
  tries = 0;
  readonly #promise: string;
  readonly #runPlan: RunPlan;
  readonly #maxTries: number;

  constructor(failing: ExploredRun, runPlan: RunPlan, maxTries: number) {
    this.best = failing;
    this.#promise = failing.broken[0]?.key ?? '';
    this.#runPlan = runPlan;
    this.#maxTries = maxTries;
  }

  /** Faults that strike by chance become faults at the very calls that they struck; those that never struck are gone. */
  async concretise(): Promise<void> {
    if (this.best.strikes.length === 0) return;
    if (await this.#accepts(this.best.plan.faults.flatMap((fault) => this.#struck(fault) ?? [fault]))) return;
    await this.dropFaults();
    // One after the other: a window that was met often is opened once, by the first call that it struck.
    for (const fault of this.best.plan.faults) {
      const struck = this.#struck(fault);
      if (struck === undefined) continue;
      for (const instead of [struck, struck.slice(0, 1)])
        if (await this.#accepts(this.best.plan.faults.flatMap((old) => (old.id === fault.id ? instead : [old])))) break;
    }
  }

  /** The fault at each call that it struck by chance; undefined for one that does not strike by chance. */
  #struck(fault: PlannedFault): readonly PlannedFault[] | undefined {
    if (fault.when.probability === undefined) return undefined;
    const at = this.best.strikes.filter((strike) => strike.fault === fault.id);
    return at.map(({ point }, index) => ({ id: `${fault.id}0${index + 1}`, when: { point }, inject: fault.inject, required: false }));
  }

  async dropFaults(): Promise<void> {
    await smallestFailing(this.best.plan.faults, (faults) => this.#accepts(faults));
  }

  async simplify(): Promise<void> {
    for (let index = 0; index < this.best.plan.faults.length; index += 1) {
      for (const tamer of tamerForms(this.#fault(index))) if (await this.#acceptsAt(index, tamer)) break;
    }
  }

  async generalise(): Promise<void> {
    for (let index = 0; index < this.best.plan.faults.length; index += 1) {
      for (const wider of widerForms(this.#fault(index))) if (await this.#acceptsAt(index, wider)) break;
    }
  }

  /** Faults that do the same to calls of one name become one fault that does it as often. */
  async merge(): Promise<void> {
    const { faults } = this.best.plan;
    const alike = new Map<string, PlannedFault[]>();
    for (const fault of faults) {
      const { venue, method, purpose } = fault.when;
      if (venue === undefined || method === undefined) continue;
      const key = JSON.stringify([venue, method, purpose, fault.inject]);
      alike.set(key, [...(alike.get(key) ?? []), fault]);
    }
    for (const group of alike.values()) {
      const [first] = group;
      if (first === undefined || group.length < 2) continue;
      const { venue, method, purpose } = first.when;
      const one: PlannedFault = { ...first, when: { venue, method, ...(purpose === undefined ? {} : { purpose }) }, limit: { times: group.length } };
      await this.#accepts(this.best.plan.faults.flatMap((fault) => (fault === first ? [one] : group.includes(fault) ? [] : [fault])));
    }
  }

  #fault(index: number): PlannedFault {
    const fault = this.best.plan.faults[index];
    if (fault === undefined) throw new RangeError(`the plan has no fault ${index}`);
    return fault;
  }

  #acceptsAt(index: number, fault: PlannedFault): Promise<boolean> {
    return this.#accepts(this.best.plan.faults.map((old, at) => (at === index ? fault : old)));
  }

  async #accepts(faults: readonly PlannedFault[]): Promise<boolean> {
    if (this.tries >= this.#maxTries || !namesStand(faults) || !canStandTogether(faults)) return false;
    this.tries += 1;
    const run = await this.#runPlan({ ...this.best.plan, faults });
    if (!isBroken(run) || run.broken[0]?.key !== this.#promise) return false;
    this.best = run;
    return true;
  }
}

/** A fault that hangs on another one cannot outlive it. */
function namesStand(faults: readonly PlannedFault[]): boolean {
  const ids = new Set(faults.map(({ id }) => id));
  return faults.every(({ when }) =>
    [when.at, when.from, when.until].every((reference) => typeof reference !== 'object' || reference.fault === undefined || ids.has(reference.fault)),
  );
}

/** The same fault with a smaller effect, tamest first. */
function tamerForms(fault: PlannedFault): readonly PlannedFault[] {
  const { inject, limit } = fault;
  const forms: PlannedFault[] = [];
  const withInject = (changed: PlannedFault['inject']): void => void forms.push({ ...fault, inject: changed });
  if (limit?.times !== undefined && limit.times > 1) forms.push({ ...fault, limit: { ...limit, times: 1 } });
  if (inject.crash?.unsynced === 'kept') withInject({ crash: { ...inject.crash, unsynced: 'lost' } });
  if (inject.delay !== undefined) for (const by of ['1s', '2600ms', '10s']) withInject({ delay: { ...inject.delay, by } });
  if (inject.notFound !== undefined) for (const span of ['1s', '3s']) withInject({ notFound: { for: span } });
  if (inject.ban !== undefined) withInject({ ban: { for: '2s' } });
  if (inject.outage?.for !== undefined) for (const span of ['1s', '5s', '30s']) withInject({ outage: { ...inject.outage, for: span } });
  if (inject.fill !== undefined && inject.fill.fraction !== 0) withInject({ fill: { fraction: 0.5, then: inject.fill.then ?? 'expire' } });
  return forms.filter((form) => JSON.stringify(form) !== JSON.stringify(fault));
}

/** Matchers in words instead of an exact point, widest first; the counted one is what the point says. */
function widerForms(fault: PlannedFault): readonly PlannedFault[] {
  const { point } = fault.when;
  if (point === undefined) return [];
  const named = namesOf(point);
  if (named === undefined) return [];
  const { count, ...names } = named;
  return [names, { ...names, nth: count }, { ...names, nth: count, ...placeOf(point) }].map((when) => ({ ...fault, when }));
}

function placeOf(point: string): { readonly flow?: number; readonly incarnation?: number } {
  const [, incarnation, flow] = /^e(\d+)\/f(\d+)\//.exec(point) ?? [];
  return { ...(flow === undefined ? {} : { flow: Number(flow) }), ...(incarnation === undefined ? {} : { incarnation: Number(incarnation) }) };
}

interface PointNames {
  readonly step?: string;
  readonly venue?: 'upbit' | 'binance';
  readonly method?: string;
  readonly purpose?: 'precheck' | 'open' | 'hedge' | 'close' | 'rollback' | 'repair' | 'recover' | 'poll';
  readonly count: number;
}

/** What a point's id says in the words of a matcher. */
function namesOf(point: string): PointNames | undefined {
  const parts = /^e\d+\/f\d+\/(?:([a-z]+)\/)?(.+)#(\d+)(\.[a-z]+)?$/.exec(point);
  if (parts === null) return undefined;
  const [, purpose, name = '', count, moment] = parts;
  const place = { ...(purpose === undefined ? {} : { purpose: purpose as NonNullable<PointNames['purpose']> }), count: Number(count) };
  if (isStepPoint(point)) return { step: `${name}${moment ?? ''}`, ...place };
  const [venue, method] = name.split('.');
  return { venue: venue as 'upbit' | 'binance', method: method ?? '', ...place };
}
