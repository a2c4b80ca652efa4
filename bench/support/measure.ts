/** CPU time (user and system) of this process, in microseconds; it includes the helper threads of V8. */
function cpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** One contender: does `units` units of work each time it is called. */
export interface Contender {
  readonly name: string;
  readonly units: number;
  run(): unknown;
}

export interface Timing {
  readonly name: string;
  /** Units of work a second of CPU, the median over the rounds. */
  readonly perSecond: number;
}

/**
 * Times the contenders in turn (A B C A B C ...), so that load on the machine strikes them alike; one round
 * before the count begins warms the compiler. Only ratios of one call mean anything.
 */
export async function race(contenders: readonly Contender[], rounds: number): Promise<Timing[]> {
  const samples = contenders.map((): number[] => []);
  for (let round = 0; round <= rounds; round += 1) {
    for (const [index, contender] of contenders.entries()) {
      const before = cpuMicros();
      await contender.run();
      if (round > 0) samples[index]?.push(cpuMicros() - before);
    }
  }
  return contenders.map(({ name, units }, index) => ({ name, perSecond: (units / median(samples[index] ?? [])) * 1e6 }));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] ?? NaN) : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}

/** A figure of the table. `least` or `most` is the goal; `--check` allows a third of slack where it is `timed`. */
export interface Figure {
  readonly row: string;
  readonly figure: string;
  readonly value: number;
  readonly unit: string;
  readonly least?: number | undefined;
  readonly most?: number | undefined;
  readonly timed: boolean;
}

export interface BenchRow {
  readonly name: string;
  /** `quick` does less work; its ratios are rougher. */
  run(quick: boolean): Promise<readonly Figure[]>;
}

const SLACK = 1 / 3;

/** Whether the figure misses its goal, slack included. */
export function misses({ value, least, most, timed }: Figure): boolean {
  const slack = timed ? SLACK : 0;
  if (Number.isNaN(value)) return true;
  return (least !== undefined && value < least * (1 - slack)) || (most !== undefined && value > most * (1 + slack));
}

export const ratio = (row: string, figure: string, value: number, least: number): Figure => ({ row, figure, value, unit: 'x', least, timed: true });
export const speed = (row: string, { name, perSecond }: Timing, unit: string): Figure => ({
  row,
  figure: name,
  value: perSecond,
  unit: `${unit}/s`,
  timed: true,
});

/** The timing of that name. */
export function timingOf(timings: readonly Timing[], name: string): number {
  return timings.find((timing) => timing.name === name)?.perSecond ?? NaN;
}
