import { cellName, gridTable } from './grid.js';
import { callsOf } from './levels/singles.js';
import { crashes } from './levels/crash.js';
import { MACHINE_CELLS } from './machine.js';
import { applicable, kindNamed, kindOfFault } from './fault-kinds.js';
import type { ExploredRun } from './explored-run.js';

/** Seen of possible; what is missing is named where that is a short list. */
export interface Measure {
  readonly id: 'C1' | 'C2' | 'C3' | 'C4' | 'C5' | 'C6' | 'C7';
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
  readonly #families = new Set<string>();
  readonly #familyPairs = new Set<string>();
  readonly #behaviours = new Set<string>();
  #pairs = { run: 0, fired: 0, planned: 0 };
  #runs = 0;
  readonly #asAsked = new Map<string, { hit: number; of: number }>();

  /** A flow without planned faults: what it could be struck with. */
  base(clean: ExploredRun): void {
    const { pairs } = applicable(callsOf(clean));
    this.#pointsOf.set(clean.plan.flow, new Set(pairs.map(({ point, kind }) => `${point.id} ${kind.name}`)));
    this.#outcomesOf.set(clean.plan.flow, clean.outcomes.join());
    this.#crashesOf.set(clean.plan.flow, crashes(clean).length);
    this.#see(clean);
  }

  /** The pairs that a single's own trace offers, before they are run. */
  plannedPairs(count: number): void {
    this.#pairs.planned += count;
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
    if (level === 'pairs') {
      this.#pairs.run += 1;
      if (hasFired) this.#pairs.fired += 1;
    }
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

  #seeFamilies(run: ExploredRun): void {
    const families = [...new Set(run.fired.map((id) => kindNamed(kindOfFault(id)).family))].sort();
    families.forEach((family, index) => {
      this.#families.add(family);
      for (const other of families.slice(index + 1)) this.#familyPairs.add(`${family}+${other}`);
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
    const outcomes = [...this.#causes].map(([outcome, causes]) => `${outcome} ${causes.size}`).sort();
    const unseenCells = MACHINE_CELLS.filter((cell) => !this.#cells.has(cell));
    return [
      {
        id: 'C1',
        title: '(call, kind) fired',
        seen: total(this.#points),
        of: total(this.#pointsOf) - this.#masked.size,
        missing: this.#unfired(),
        note: this.#masked.size === 0 ? undefined : `${this.#masked.size} more are excluded: a fault of the flow itself answers those calls first`,
      },
      {
        id: 'C2',
        title: 'ordered pairs on faulted traces fired',
        seen: this.#pairs.fired,
        of: this.#pairs.planned,
        missing: [],
        note: `${this.#pairs.run} run; a pair whose first fault hides the second call does not fire`,
      },
      { id: 'C3', title: '(step, unsynced mode) crashed', seen: total(this.#crashes), of: sum(this.#crashesOf), missing: [] },
      {
        id: 'C4',
        title: '(order state, answer) cells',
        seen: MACHINE_CELLS.length - unseenCells.length,
        of: MACHINE_CELLS.length,
        missing: unseenCells,
      },
      { id: 'C5', title: 'distinct causes per outcome', seen: this.#causes.size, of: undefined, missing: [], note: outcomes.join(', ') },
      {
        id: 'C6',
        title: 'marks passed through',
        seen: this.#marks.size,
        of: undefined,
        missing: [...this.#marks].filter(([, runs]) => runs.size < 10).map(([mark, runs]) => `${mark} in ${runs.size} runs only`),
      },
      { id: 'C7', title: 'pairs of fault families together in swarm', seen: this.#familyPairs.size, of: pairsOf(this.#families.size), missing: [] },
    ];
  }
}

const pairsOf = (count: number): number => (count * (count - 1)) / 2;
const total = (sets: ReadonlyMap<string, ReadonlySet<string>>): number => [...sets.values()].reduce((all, set) => all + set.size, 0);
const sum = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((all, count) => all + count, 0);

function note(map: Map<string, Set<string>>, key: string, value: string): void {
  const set = map.get(key) ?? new Set<string>();
  set.add(value);
  map.set(key, set);
}
