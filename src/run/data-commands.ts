import { SystemClock } from '../clock/system-clock.js';
import type { Clock } from '../clock/clock.js';
import { MOMENT_FORM, parseMoment } from '../config/values.js';
import { InputError } from '../core/input-error.js';
import type { EpochMs } from '../core/units.js';
import { fetchHistory } from '../history/fetch-history.js';
import type { FetchPlan, FxSource } from '../history/fetch-plan.js';
import { importCsv } from '../history/import-csv.js';
import { loadImportMap } from '../history/import-map.js';
import { SourceFailedError } from '../history/polite-caller.js';
import { FRANKFURTER_URL } from '../history/usd-krw.js';
import { dataCheck } from '../market/data-check.js';
import { formatDataCheck } from '../market/format-data-check.js';
import { writeSample } from '../market/sample/write-sample.js';
import { packageVersion } from './package-version.js';
import { EXIT, type ExitCode, type RunObserver } from './run-output.js';
import { refuseUnwritable } from '../report/atomic-folder.js';

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

export interface FetchDataOptions {
  /** A day or an instant with its zone. */
  readonly from: string;
  readonly to: string;
  readonly out: string;
  readonly timeframe: FetchPlan['timeframe'];
  /** `frankfurter`, or `fixed:RATE`. */
  readonly fx: string;
  readonly upbitUrl?: string | undefined;
  readonly binanceUrl?: string | undefined;
  readonly fxUrl?: string | undefined;
  readonly json: boolean;
  readonly observer: RunObserver;
  readonly clock?: Clock | undefined;
}

/** `hedgedrill data fetch`. */
export async function fetchData(options: FetchDataOptions): Promise<ExitCode> {
  const { out, timeframe, json, observer } = options;
  const plan: FetchPlan = {
    from: moment('--from', options.from),
    to: moment('--to', options.to),
    timeframe,
    fx: fxSource(options.fx, options.fxUrl),
    upbitUrl: serverUrl('--upbit-url', options.upbitUrl),
    binanceUrl: serverUrl('--binance-url', options.binanceUrl),
  };
  await refuseUnwritable(out);
  try {
    const { files } = await fetchHistory({ plan, out, clock: options.clock ?? new SystemClock(), version: packageVersion(), observer });
    const text = files.map(({ file, rows, note }) => `wrote ${file}: ${rows} rows; ${note}`).join('\n');
    observer.say(json ? JSON.stringify({ files }, undefined, 2) : `${text}\nnext: npx hedgedrill data check ${files[0]?.file ?? ''}`);
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof SourceFailedError)) throw error;
    observer.problem(`${error.message}\n  Finished pages are kept in ${out}/.fetch: the same command goes on where this one stopped.`);
    return EXIT.promiseBroken;
  }
}

function moment(key: string, text: string): EpochMs {
  const instant = parseMoment(text);
  if (instant === undefined) throw new InputError(`expected ${MOMENT_FORM}, found "${text}"`, { key });
  return instant;
}

function fxSource(text: string, url: string | undefined): FxSource {
  if (text === 'frankfurter') return { kind: 'frankfurter', url: serverUrl('--fx-url', url) ?? FRANKFURTER_URL };
  const rate = /^fixed:(\d+(?:\.\d+)?)$/.exec(text)?.[1];
  if (rate === undefined || Number(rate) < 300 || Number(rate) > 10_000)
    throw new InputError(`expected frankfurter or fixed:KRW such as fixed:1390, found "${text}"`, { key: '--fx' });
  return { kind: 'fixed', rate: Number(rate) };
}

/** Without a slash at its end; undefined stays undefined. */
function serverUrl(key: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.search !== '')
    throw new InputError(`expected a URL such as http://127.0.0.1:8080, found "${text}"`, { key });
  return text.replace(/\/+$/, '');
}

/** `hedgedrill data import`. */
export async function importData(options: {
  readonly map: string;
  readonly csv: readonly string[];
  readonly out: string;
  readonly json: boolean;
  readonly observer: RunObserver;
}): Promise<ExitCode> {
  const { map: mapFile, csv, out, json, observer } = options;
  await refuseUnwritable(out);
  const imported = await importCsv({ map: await loadImportMap(mapFile), mapFile, files: csv, out, version: packageVersion() });
  const { file, rows, leftOut } = imported;
  const others = leftOut === 0 ? '' : `, ${leftOut} of other symbols left out`;
  observer.say(json ? JSON.stringify(imported, undefined, 2) : `wrote ${file}: ${rows} rows${others}\nnext: npx hedgedrill data check ${file}`);
  return EXIT.ok;
}
