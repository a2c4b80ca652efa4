import Database from 'libsql';

import { InputError } from '../core/input-error.js';
import { decodeJournalRecord, encodeJournalRecord, isTornLine } from './journal-codec.js';
import type { JournalEvent, JournalRecord } from './journal-event.js';
import type { Journal } from './journal.js';

/** Marks our files (SQLite's application id): "hgdl". */
const APPLICATION_ID = 0x68_67_64_6c;
const SCHEMA_VERSION = 1;
/** How long an append waits for another writer before it fails; it blocks the process, so it is short. */
const BUSY_TIMEOUT_MS = 250;

/**
 * The journal of paper and live runs, one SQLite file: WAL with synchronous=FULL, one transaction an append, so that
 * an append which has returned survives a power cut. The file says whose it is and of which version; anything else is
 * refused rather than written into. libsql needs no compiler (design decision 22).
 */
export class SqliteJournal implements Journal {
  readonly #database: Database.Database;
  readonly #file: string;
  readonly #insert: Database.Statement<[string]>;
  readonly #reader: boolean;
  #seq: number;

  private constructor(file: string, database: Database.Database, reader: boolean) {
    this.#file = file;
    this.#database = database;
    this.#reader = reader;
    this.#insert = database.prepare('INSERT INTO journal (line) VALUES (?)');
    const [row] = database.prepare('SELECT coalesce(max(seq), 0) AS seq FROM journal').all() as { seq: number }[];
    this.#seq = row?.seq ?? 0;
  }

  /**
   * Opens the journal for writing, creating it when the file is absent.
   *
   * @throws InputError when the file belongs to something else, is damaged or is of another version.
   */
  static open(file: string): SqliteJournal {
    const database = connect(file);
    return guarded(file, database, () => {
      if (isNew(database)) create(database);
      checkOwner(file, database);
      database.pragma('journal_mode = WAL');
      database.pragma('synchronous = FULL');
      // A later append must not bury a half-written record among whole ones.
      const torn = tornTail(lastRows(database));
      if (torn !== undefined) database.prepare('DELETE FROM journal WHERE seq = ?').run(torn);
      return new SqliteJournal(file, database, false);
    });
  }

  /**
   * Opens an existing journal for reading only, also beside a writer.
   *
   * @throws InputError as `open` does, and when there is no such file.
   */
  static openForReading(file: string): SqliteJournal {
    const database = connect(file, true);
    return guarded(file, database, () => {
      checkOwner(file, database);
      // libsql's `readonly` option does not stop an insert; this does.
      database.pragma('query_only = 1');
      return new SqliteJournal(file, database, true);
    });
  }

  append(event: JournalEvent): Promise<void> {
    return new Promise((resolve) => {
      if (this.#reader) throw new InputError('this journal was opened for reading', { file: this.#file });
      const seq = this.#seq + 1;
      const { lastInsertRowid } = this.#insert.run(encodeJournalRecord({ seq, event }));
      this.#seq = Number(lastInsertRowid);
      resolve();
    });
  }

  read(): Promise<readonly JournalRecord[]> {
    return new Promise((resolve) => {
      const rows = this.#database.prepare('SELECT seq, line FROM journal ORDER BY seq').all() as Row[];
      const torn = tornTail(rows.slice(-1));
      resolve(rows.filter(({ seq }) => seq !== torn).map(({ seq, line }) => decodeJournalRecord(line, { file: this.#file, line: seq })));
    });
  }

  close(): void {
    this.#database.close();
  }
}

interface Row {
  readonly seq: number;
  readonly line: string;
}

const lastRows = (database: Database.Database): Row[] => database.prepare('SELECT seq, line FROM journal ORDER BY seq DESC LIMIT 1').all() as Row[];

/** The last record when it stands half written: its append was never acknowledged. */
function tornTail([last]: readonly Row[]): number | undefined {
  return last !== undefined && isTornLine(last.line) ? last.seq : undefined;
}

function connect(file: string, mustExist = false): Database.Database {
  return guarded(file, undefined, () => new Database(file, { timeout: BUSY_TIMEOUT_MS, fileMustExist: mustExist }));
}

function isNew(database: Database.Database): boolean {
  return database.prepare('SELECT name FROM sqlite_master LIMIT 1').all().length === 0 && pragma(database, 'application_id') === 0;
}

function create(database: Database.Database): void {
  database.exec(
    `BEGIN IMMEDIATE;
     CREATE TABLE journal (seq INTEGER PRIMARY KEY AUTOINCREMENT, line TEXT NOT NULL) STRICT;
     PRAGMA application_id = ${APPLICATION_ID};
     PRAGMA user_version = ${SCHEMA_VERSION};
     COMMIT;`,
  );
}

function checkOwner(file: string, database: Database.Database): void {
  if (pragma(database, 'application_id') !== APPLICATION_ID)
    throw new InputError('this SQLite file is not a journal of ours', { file }, 'Name another file; nothing was written into this one.');
  const version = pragma(database, 'user_version');
  if (version !== SCHEMA_VERSION)
    throw new InputError(
      `expected a journal of version ${SCHEMA_VERSION}, found version ${version}`,
      { file },
      'Finish its open flows with the version that wrote it, then start a new file.',
    );
}

function pragma(database: Database.Database, name: 'application_id' | 'user_version'): number {
  const [row] = database.pragma(name) as Record<string, number>[];
  return row?.[name] ?? 0;
}

/** Runs `act`; on failure the file is let go and the error says what is wrong with it. */
function guarded<T>(file: string, database: Database.Database | undefined, act: () => T): T {
  try {
    return act();
  } catch (error) {
    database?.close();
    if (error instanceof InputError) throw error;
    const { code, message } = error as { code?: string; message?: string };
    if (code === 'SQLITE_NOTADB') throw new InputError('not a SQLite file', { file }, 'Name another file; nothing was written into this one.');
    throw new InputError(`the journal cannot be opened: ${message ?? String(error)}`, { file });
  }
}
