/** A message of a client, understood: what it asks for, with the number that the answer bears. */
export type ControlRequest =
  | { readonly method: 'SUBSCRIBE' | 'UNSUBSCRIBE'; readonly id: RequestId; readonly names: readonly string[] }
  | { readonly method: 'LIST_SUBSCRIPTIONS'; readonly id: RequestId }
  | { readonly method: 'SET_PROPERTY'; readonly id: RequestId; readonly value: boolean }
  | { readonly method: 'GET_PROPERTY'; readonly id: RequestId };

/** What is wrong with a message. */
export interface ControlError {
  readonly code: number;
  readonly msg: string;
  readonly id: RequestId | undefined;
}

export type RequestId = number | string;

const METHODS = ['SUBSCRIBE', 'UNSUBSCRIBE', 'LIST_SUBSCRIPTIONS', 'SET_PROPERTY', 'GET_PROPERTY'] as const;

export const isControlError = (request: ControlRequest | ControlError): request is ControlError => 'code' in request;

export function parseControl(text: string): ControlRequest | ControlError {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return { code: 3, msg: 'Invalid JSON: expected value at line 1 column 1', id: undefined };
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    return { code: 3, msg: 'Invalid JSON: invalid type: expected an object at line 1 column 1', id: undefined };
  return understood(parsed as Readonly<Record<string, unknown>>);
}

function understood({ method: given, params, id: number }: Readonly<Record<string, unknown>>): ControlRequest | ControlError {
  const id = requestIdOf(number);
  if (id === undefined) return { code: 2, msg: 'Invalid request: request ID must be an unsigned integer', id };
  const method = METHODS.find((each) => each === given);
  if (given === undefined) return { code: 2, msg: 'Invalid request: missing field `method` at line 1 column 1', id };
  if (method === undefined)
    return {
      code: 2,
      msg: `Invalid request: unknown variant \`${shown(given)}\`, expected one of ${METHODS.map((each) => `\`${each}\``).join(', ')} at line 1 column 1`,
      id,
    };
  if (method === 'LIST_SUBSCRIPTIONS') return { method, id };
  if (params === undefined) return { code: 2, msg: 'Invalid request: missing field `params` at line 1 column 1', id };
  if (!Array.isArray(params)) return { code: 2, msg: 'Invalid request: invalid type: expected a sequence', id };
  const list = params as readonly unknown[];
  if (method === 'SUBSCRIBE' || method === 'UNSUBSCRIBE')
    return list.every((name) => typeof name === 'string')
      ? { method, id, names: list }
      : { code: 2, msg: 'Invalid request: invalid type: expected a string', id };
  return property(method, id, list);
}

function property(method: 'SET_PROPERTY' | 'GET_PROPERTY', id: RequestId, [name, value, ...more]: readonly unknown[]): ControlRequest | ControlError {
  if (typeof name !== 'string') return { code: 2, msg: 'Invalid request: property name must be a string', id };
  const expected = method === 'SET_PROPERTY' ? 2 : 1;
  const given = 1 + more.length + (value === undefined ? 0 : 1);
  if (given !== expected) return { code: 2, msg: `Invalid request: expected ${expected} parameters`, id };
  if (name !== 'combined') return { code: 0, msg: 'Unknown property', id };
  if (method === 'GET_PROPERTY') return { method, id };
  return typeof value === 'boolean' ? { method, id, value } : { code: 1, msg: 'Invalid value type: expected Boolean', id };
}

/** Whole numbers, and texts of up to 36 characters as newer clients send them. */
function requestIdOf(value: unknown): RequestId | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
  return typeof value === 'string' && value.length > 0 && value.length <= 36 ? value : undefined;
}

const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
