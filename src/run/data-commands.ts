import { dataCheck } from '../market/data-check.js';
import { formatDataCheck } from '../market/format-data-check.js';
import { writeSample } from '../market/sample/write-sample.js';
import { EXIT, type ExitCode, type RunObserver } from './run-output.js';

/** `hedgedrill data check FILE`. */
export async function checkData(options: {
  readonly file: string;
  readonly json: boolean;
  readonly cache?: string | undefined;
  readonly observer: RunObserver;
}): Promise<ExitCode> {
  const report = await dataCheck(options.file, { cacheDir: options.cache });
  options.observer.say(options.json ? JSON.stringify(report, undefined, 2) : formatDataCheck(report));
  return EXIT.ok;
}

/** `hedgedrill data sample`. */
export async function regenerateSample(options: {
  readonly out: string;
  readonly json: boolean;
  readonly seed?: string | undefined;
  readonly observer: RunObserver;
}): Promise<ExitCode> {
  const { files } = await writeSample(options.out, options.seed);
  options.observer.say(options.json ? JSON.stringify({ files }, undefined, 2) : files.map((file) => `wrote ${file}`).join('\n'));
  return EXIT.ok;
}
