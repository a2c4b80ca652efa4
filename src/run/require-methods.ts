import { InputError } from '../core/input-error.js';

/** @throws InputError when a user's plug-in lacks a method, before anything is asked of it. */
export function requireMethods(plugin: 'executor' | 'strategy', made: unknown, methods: readonly string[]): void {
  const has = (method: string): boolean => typeof (made as Record<string, unknown> | null | undefined)?.[method] === 'function';
  const missing = methods.filter((method) => !has(method));
  if (missing.length === 0) return;
  throw new InputError(
    `the ${plugin} that the factory made lacks ${missing.join(', ')}`,
    { key: `--${plugin}` },
    `see the ${plugin === 'executor' ? 'Executor' : 'Strategy'} type that this package exports`,
  );
}
