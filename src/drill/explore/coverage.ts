import { cellName, gridTable } from './grid.js';
import { MARKS, ORACLE_MARKS, type Mark } from '../../journal/marks.js';
import { SWARM_FAMILIES } from './levels/swarm.js';
import type { Level } from './planned-fault.js';
import { crashes } from './levels/crash.js';
import { MACHINE_CELLS, unreachableCell } from './machine.js';
import { kindNamed, kindOfFault, singleFaults } from './fault-kinds.js';
import type { ExploredRun } from './explored-run.js';

/** Seen of possible; what is missing is named where that is a short list. */
export interface Measure {
  readonly id: 'C1' | 'C2' | 'C3' | 'C4' | 'C5' | 'C6' | 'C7';
  /** The level that fills it; absent: each does its part. */
  readonly level?: Level | undefined;
  readonly title: string;
  readonly seen: number;
  /** undefined: there is no whole to measure against, and the figure is a count. */
  readonly of: number | undefined;
  readonly missing: readonly string[];
  readonly note?: string | undefined;
}

/** Counts what was run against what could be, as runs come in; keeps no run. */
export class Coverage {
  readonly #points = new Map<string, Set<string>>();
  readonly #pointsOf = new Map<string, ReadonlySet<string>>();
  readonly #masked = new Set<string>();
  readonly #outcomesOf = new Map<string, string>();
  readonly #crashes = new Map<string, Set<string>>();
  readonly #crashesOf = new Map<string, number>();
  readonly #grid = new Map<string, number>();
  readonly #cells = new Set<string>();
  readonly #causes = new Map<string, Set<string>>();
  readonly #marks = new Map<string, Set<string>>();
  readonly #familyPairs = new Set<string>();
  readonly #behaviours = new Set<string>();
  readonly #familyTriples = new Set<string>();
  readonly #unfiredPairs: string[] = [];
  #pairs = { run: 0, fired: 0, masked: 0, planned: 0 };
  #again = { run: 0, fired: 0, planned: 0 };
  #runs = 0;
  readonly #asAsked = new Map<string, { hit: number; of: number }>();

  /** A flow without planned faults: what it could be struck with. */
  base(clean: ExploredRun): void {
    const planned = singleFaults(clean.points).singles;
    this.#pointsOf.set(clean.plan.flow, new Set(planned.map(({ point, kind }) => `${point.id} ${kind}`)));
    this.#outcomesOf.set(clean.plan.flow, clean.outcomes.join());
    this.#crashesOf.set(clean.plan.flow, crashes(clean).length);
    this.#see(clean);
  }

  /** The pairs that a single's own trace offers, before they are run. */
  plannedPairs(count: number): void {
    this.#pairs.planned += count;
  }

  /** The second crashes that recoveries offer, before they are run. */
  plannedAgain(count: number): void {
    this.#again.planned += count;
  }

  add(run: ExploredRun): void {
    this.#runs += 1;
    const { level, flow, faults } = run.plan;
    const hasFired = run.fired.length === faults.length;
    const [first] = faults;
    if (level === 'singles' && first !== undefined) {
      const ends = this.#asAsked.get(kindOfFault(first.id)) ?? { hit: 0, of: 0 };
      ends.of += 1;
      if (!run.locked && run.outcomes.join() === this.#outcomesOf.get(flow)) ends.hit += 1;
      this.#asAsked.set(kindOfFault(first.id), ends);
      const name = `${first.when.point ?? ''} ${kindOfFault(first.id)}`;
      if (hasFired) note(this.#points, flow, name);
      else if (run.masked.length > 0) this.#masked.add(`${flow} ${name}`);
    }
    if (level === 'crash' && faults.length === 1 && hasFired)
      note(this.#crashes, flow, first?.id === undefined ? '' : `${first.when.point ?? ''} ${first.id}`);
    if (level === 'crash' && faults.length === 2) {
      this.#again.run += 1;
      if (hasFired) this.#again.fired += 1;
    }
    if (level === 'pairs') this.#seePair(run);
    if (level === 'swarm') this.#seeFamilies(run);
    this.#see(run);
  }

  #see(run: ExploredRun): void {
    this.#behaviours.add(`${run.plan.flow} ${run.behaviour}`);
    for (const cell of run.grid) this.#grid.set(cellName(cell), (this.#grid.get(cellName(cell)) ?? 0) + 1);
    for (const cell of run.cells) this.#cells.add(cell);
    const cause = run.plan.faults.map(({ id }) => kindOfFault(id)).join('+');
    for (const outcome of run.outcomes) note(this.#causes, outcome, `${run.plan.flow} ${cause}`);
    for (const mark of run.marks) note(this.#marks, mark, run.id);
  }

  #seePair({ plan, fired, masked }: ExploredRun): void {
    this.#pairs.run += 1;
    if (fired.length === plan.faults.length) this.#pairs.fired += 1;
    else if (masked.length > 0 || plan.faults.every(({ inject }) => inject.outage !== undefined || inject.ban !== undefined)) this.#pairs.masked += 1;
    else this.#unfiredPairs.push(`${plan.flow} ${plan.faults.map(({ id, when }) => `${when.point ?? ''} ${kindOfFault(id)}`).join(', then ')}`);
  }

  #seeFamilies(run: ExploredRun): void {
    const families = [...new Set(run.fired.map((id) => kindNamed(kindOfFault(id)).family))].sort();
    families.forEach((family, index) => {
      families.slice(index + 1).forEach((other, offset) => {
        this.#familyPairs.add(`${family}+${other}`);
        for (const third of families.slice(index + offset + 2)) this.#familyTriples.add(`${family}+${other}+${third}`);
      });
    });
  }

  /** What applies to a call and yet did not happen there, though nothing else answered it. */
  #unfired(): readonly string[] {
    return [...this.#pointsOf].flatMap(([flow, planned]) =>
      [...planned]
        .filter((name) => this.#points.get(flow)?.has(name) !== true && !this.#masked.has(`${flow} ${name}`))
        .map((name) => `${flow} ${name}`),
    );
  }

  get runs(): number {
    return this.#runs;
  }

  /** Runs that behaved alike, as the client saw it, count once. */
  get distinctBehaviours(): number {
    return this.#behaviours.size;
  }

  /** By kind: after how many single faults of it the flow ended as it does without them, unlocked. */
  get efficacy(): ReadonlyMap<string, { readonly hit: number; readonly of: number }> {
    return this.#asAsked;
  }

  get grid(): ReturnType<typeof gridTable> {
    return gridTable(this.#grid);
  }

  measures(): readonly Measure[] {
    return [
      this.#singlesMeasure(),
      this.#pairsMeasure(),
      this.#crashMeasure(),
      this.#machineMeasure(),
      ...this.#countMeasures(),
      ...this.#familyMeasures(),
    ];
  }

  #singlesMeasure(): Measure {
    return {
      id: 'C1',
      level: 'singles',
      title: '(point, kind) fired',
      seen: total(this.#points),
      of: total(this.#pointsOf) - this.#masked.size,
      missing: this.#unfired(),
      note: this.#masked.size === 0 ? undefined : `${this.#masked.size} more are excluded: a fault of the flow itself answers those calls first`,
    };
  }

  #pairsMeasure(): Measure {
    const { run, fired, masked, planned } = this.#pairs;
    return {
      id: 'C2',
      level: 'pairs',
      title: 'ordered pairs on faulted traces fired',
      seen: fired,
      of: planned - masked,
      missing: this.#unfiredPairs,
      note: `${run} of ${planned} run; ${masked} excluded: the first fault answers the second call, or its window is still open when the second window would begin`,
    };
  }

  #crashMeasure(): Measure {
    const { run, fired, planned } = this.#again;
    return {
      id: 'C3',
      level: 'crash',
      title: '(step, unsynced mode) crashed',
      seen: total(this.#crashes),
      of: sum(this.#crashesOf),
      missing: [],
      note: `inside recoveries ${fired} of ${planned} crashed again (${run} run)`,
    };
  }

  /** Cells that nothing comes through and nothing is known to keep from it. */
  #machineMeasure(): Measure {
    const possible = MACHINE_CELLS.filter((cell) => unreachableCell(cell) === undefined || this.#cells.has(cell));
    const unseen = possible.filter((cell) => !this.#cells.has(cell));
    return {
      id: 'C4',
      title: '(order state, answer) cells',
      seen: possible.length - unseen.length,
      of: possible.length,
      missing: unseen,
      note: `${MACHINE_CELLS.length - possible.length} of ${MACHINE_CELLS.length} are excluded with a reason`,
    };
  }

  #countMeasures(): readonly Measure[] {
    const outcomes = [...this.#causes].map(([outcome, causes]) => `${outcome} ${causes.size}`).sort();
    const few = [...this.#causes]
      .filter(([, causes]) => causes.size < CAUSES_WANTED)
      .map(([outcome]) => `${outcome} has fewer than ${CAUSES_WANTED}`);
    const marks = Object.keys(MARKS).filter((mark) => !ORACLE_MARKS.has(mark as Mark));
    const thin = marks.filter((mark) => (this.#marks.get(mark)?.size ?? 0) < RUNS_WANTED);
    return [
      { id: 'C5', title: 'distinct causes per outcome', seen: this.#causes.size, of: undefined, missing: few, note: outcomes.join(', ') },
      {
        id: 'C6',
        title: `marks passed through by ${RUNS_WANTED} runs or more`,
        seen: marks.length - thin.length,
        of: marks.length,
        missing: thin.map((mark) => `${mark} in ${this.#marks.get(mark)?.size ?? 0}`),
      },
    ];
  }

  #familyMeasures(): readonly Measure[] {
    const count = SWARM_FAMILIES.length;
    return [
      {
        id: 'C7',
        level: 'swarm',
        title: 'pairs of fault families together in swarm',
        seen: this.#familyPairs.size,
        of: (count * (count - 1)) / 2,
        missing: [],
      },
      {
        id: 'C7',
        level: 'swarm',
        title: 'triples of fault families together in swarm',
        seen: this.#familyTriples.size,
        of: (count * (count - 1) * (count - 2)) / 6,
        missing: [],
      },
    ];
  }

  /** What of the levels that were run ought to have been seen and was not; a gate fails on any. */
  gaps(levels: readonly Level[]): readonly string[] {
    const crashed = this.#crashMeasure();
    const cells = this.grid.filter(({ visits, reason }) => visits === 0 && reason === undefined);
    return [
      ...(levels.includes('singles') ? [this.#singlesMeasure(), this.#pairsMeasure()].flatMap(gapsOf) : []),
      ...(levels.includes('crash') && crashed.seen < (crashed.of ?? 0) ? [`C3: ${crashed.seen} of ${crashed.of ?? 0}`] : []),
      ...(levels.includes('crash') && this.#again.run > this.#again.fired
        ? [`C3: ${this.#again.run - this.#again.fired} second crashes did not happen`]
        : []),
      ...(levels.includes('grid') ? [...cells.map((cell) => `grid: ${cellName(cell)}`), ...gapsOf(this.#machineMeasure())] : []),
    ];
  }
}

const CAUSES_WANTED = 20;
const RUNS_WANTED = 10;
const gapsOf = ({ id, missing }: Measure): readonly string[] => missing.map((each) => `${id}: ${each}`);
const total = (sets: ReadonlyMap<string, ReadonlySet<string>>): number => [...sets.values()].reduce((all, set) => all + set.size, 0);
const sum = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((all, count) => all + count, 0);

function note(map: Map<string, Set<string>>, key: string, value: string): void {
  const set = map.get(key) ?? new Set<string>();
  set.add(value);
  map.set(key, set);
}
