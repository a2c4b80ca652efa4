import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadBars } from '../load-bars.js';
import { calibrationOf, halfLifeHours, type CalibrationRow } from './sample-calibration.js';
import { renderSample } from './sample-files.js';
import { sampleReadme } from './sample-readme.js';

/** The seed of the files that are shipped. */
export const SAMPLE_SEED = 37;

export interface WrittenSample {
  /** Paths of the files, the README first. */
  readonly files: readonly string[];
  readonly calibration: readonly CalibrationRow[];
}

/**
 * Writes the synthetic sample: `README.md` into `dataDir` and the data files into `dataDir/sample`. Everything is
 * made and read back in a scratch folder first, and each file is moved in whole.
 *
 * @param dataDir - the project's `data` folder, or any other.
 * @param seed - the same seed writes the same bytes.
 */
export async function writeSample(dataDir: string, seed: number | string = SAMPLE_SEED): Promise<WrittenSample> {
  await mkdir(join(dataDir, 'sample'), { recursive: true });
  const scratch = await mkdtemp(join(dataDir, 'writing-'));
  try {
    const { files, world } = renderSample(seed);
    for (const file of files) await writeFile(join(scratch, file.name), file.text);
    const { bars } = await loadBars({ data: join(scratch, 'premium-1m.csv'), cacheDir: join(scratch, 'cache') });
    const calibration = calibrationOf(bars, world);
    await writeFile(join(scratch, 'README.md'), sampleReadme(seed, calibration, halfLifeHours(bars, 3_600_000)));
    const moves = [['README.md', join(dataDir, 'README.md')], ...files.map(({ name }) => [name, join(dataDir, 'sample', name)])] as [
      string,
      string,
    ][];
    for (const [name, target] of moves) await rename(join(scratch, name), target);
    return { files: moves.map(([, target]) => target), calibration };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
