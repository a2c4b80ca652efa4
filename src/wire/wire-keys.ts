/** The key of an emulated account: there is one at each venue. */
export interface WireKeys {
  readonly apiKey: string;
  readonly secret: string;
}

/** Of accounts that exist in a simulation only. */
export const EMULATED_KEYS: WireKeys = { apiKey: 'emulated-account', secret: 'secret-of-an-emulated-account' };
