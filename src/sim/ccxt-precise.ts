import type * as Ccxt from 'ccxt';

// The package exports its root only, hence the URL.
const module = (await import(new URL('./src/base/Precise.js', import.meta.resolve('ccxt')).href)) as Pick<typeof Ccxt, 'Precise'>;

/** ccxt's own decimal arithmetic, so that its roundings are the same. */
export const { Precise } = module;
