import { instanceOf } from './ccxt-instance.js';

/** Where ccxt keeps what signs requests. */
const CREDENTIALS = ['apiKey', 'secret', 'password', 'uid', 'login', 'twofa', 'privateKey', 'walletAddress', 'token'] as const;

/** Shorter ones would be found in ordinary words; the venues' keys have 40 characters and more. */
const SECRET_LENGTH_MIN = 8;

/** What was made with a secret and opens the same doors for a while: signatures, tokens, keys of streams. */
const SIGNED = /((?:signature|listenKey)=)[^&\s"']+|(Bearer )[\w.~+/=-]+/gi;

export type Credentials = Readonly<Partial<Record<(typeof CREDENTIALS)[number], string>>>;

/** The credentials that a client holds. */
export function credentialsOf(client: { readonly id: string }): Credentials {
  const held = instanceOf(client) as unknown as Readonly<Record<string, unknown>>;
  return Object.fromEntries(CREDENTIALS.flatMap((name) => (typeof held[name] === 'string' && held[name] !== '' ? [[name, held[name]]] : [])));
}

/** Takes every secret of a client out of texts and errors; keys are looked up when it is asked, since ccxt's can be changed. */
export class Redactor {
  readonly #clients: readonly { readonly id: string }[];

  constructor(...clients: readonly { readonly id: string }[]) {
    this.#clients = clients;
  }

  text(text: string): string {
    let clean = text.replace(SIGNED, (_match, name: string | undefined, bearer: string | undefined) => `${name ?? bearer ?? ''}***`);
    for (const [name, value] of this.#clients.flatMap((client) => Object.entries(credentialsOf(client)))) {
      // A text may hold a key as it is, trimmed, in a URL or inside JSON.
      for (const form of [value, value.trim(), encodeURIComponent(value), JSON.stringify(value).slice(1, -1)]) {
        if (form.length >= SECRET_LENGTH_MIN) clean = clean.replaceAll(form, `<${name}>`);
      }
    }
    return clean;
  }

  /** The same error with clean texts, its causes as well. */
  error<T extends Error>(error: T, depth = 0): T {
    const { message, stack } = error;
    const clean = this.text(message);
    if (clean !== message) error.message = clean;
    if (stack !== undefined) error.stack = this.text(stack);
    if (depth < 4 && error.cause instanceof Error) this.error(error.cause, depth + 1);
    return error;
  }
}
