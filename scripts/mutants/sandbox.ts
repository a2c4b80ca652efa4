import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { patched, ROOT, type Mutant } from './catalogue.js';
import type { AttackLevel } from './verdict.js';

/** The program that attacks a mutant, and what it is made of besides `src`. */
const ATTACKER = ['scripts/mutant-attack.ts', 'scripts/mutants/attack.ts', 'scripts/mutants/levels.ts', 'scripts/mutants/verdict.ts'] as const;

const OPTIONS: ts.CompilerOptions = { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true };

/** One file as JavaScript. @throws Error when it is not even grammatical. */
export function transpiled(file: string, text: string): string {
  const { outputText, diagnostics = [] } = ts.transpileModule(text, { compilerOptions: OPTIONS, fileName: file, reportDiagnostics: true });
  const [first] = diagnostics;
  if (first !== undefined) throw new Error(`${file}: ${ts.flattenDiagnosticMessageText(first.messageText, '\n')}`);
  return outputText;
}

const filesUnder = (folder: string): readonly string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length))
    .sort();

/**
 * The whole program as JavaScript in a folder of its own under the system's temporary one: the working tree is never
 * touched. A mutant's copy differs from it in the files of its patches.
 */
export class Sandboxes {
  readonly #folder: string;
  /** Names the tree that results belong to: sources, scenarios and the attacker. */
  readonly treeHash: string;

  constructor() {
    const hash = createHash('sha256');
    const sources = [...filesUnder('src').filter((file) => file.endsWith('.ts')), ...ATTACKER];
    this.#folder = mkdtempSync(join(tmpdir(), 'hedgedrill-mutants-'));
    for (const file of sources) {
      const text = readFileSync(join(ROOT, file), 'utf8');
      hash.update(`${file}\n${text}`);
      this.#write(this.base, file, transpiled(file, text));
    }
    for (const file of filesUnder('scenarios').filter((name) => !name.endsWith('.md'))) hash.update(`${file}\n`).update(readFileSync(join(ROOT, file)));
    this.#furnish(this.base);
    this.treeHash = hash.digest('hex');
  }

  /** The unchanged program. */
  get base(): string {
    return join(this.#folder, 'base');
  }

  /** Makes a copy with the mutant's patches. @throws InputError for a stale one. */
  of(mutant: Mutant): string {
    const folder = join(this.#folder, mutant.id);
    const texts = patched(mutant, (file) => readFileSync(join(ROOT, file), 'utf8'));
    cpSync(join(this.base, 'src'), join(folder, 'src'), { recursive: true });
    cpSync(join(this.base, 'scripts'), join(folder, 'scripts'), { recursive: true });
    for (const [file, text] of texts) this.#write(folder, file, transpiled(file, text));
    this.#furnish(folder);
    return folder;
  }

  discard(folder: string): void {
    rmSync(folder, { recursive: true, force: true });
  }

  removeAll(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #write(folder: string, file: string, text: string): void {
    const path = join(folder, file.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  /** What the program looks for beside itself. */
  #furnish(folder: string): void {
    cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
    for (const name of ['node_modules', 'scenarios', 'data']) symlinkSync(join(ROOT, name), join(folder, name), 'dir');
  }
}

/** Names one mutant of one tree: a result holds for exactly that. */
export const resultKey = (treeHash: string, { patches }: Mutant, levels: readonly AttackLevel[]): string =>
  createHash('sha256')
    .update(JSON.stringify([treeHash, patches, levels]))
    .digest('hex')
    .slice(0, 16);
