export type ParamValue = string | number | boolean;

const WHOLE = /^\$\{(\w+)\}$/;
const INSIDE = /\$\{(\w+)\}/g;

/**
 * Puts parameter values where `${name}` stands, in values and never in keys. A value that is nothing but `${name}`
 * keeps the parameter's type, so that a number can be a parameter too.
 *
 * @param missing - told of each name without a value; its text stays as it is.
 */
export function substitute(
  data: unknown,
  params: ReadonlyMap<string, ParamValue>,
  missing: (path: readonly PropertyKey[], name: string) => void,
  path: readonly PropertyKey[] = [],
): unknown {
  if (typeof data === 'string') {
    const whole = WHOLE.exec(data)?.[1];
    if (whole !== undefined && params.has(whole)) return params.get(whole);
    return data.replace(INSIDE, (text, name: string) => {
      const value = params.get(name);
      if (value === undefined) missing(path, name);
      return value === undefined ? text : String(value);
    });
  }
  if (Array.isArray(data)) return data.map((item, index) => substitute(item, params, missing, [...path, index]));
  if (typeof data !== 'object' || data === null) return data;
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [
      key,
      path.length === 0 && key === 'params' ? value : substitute(value, params, missing, [...path, key]),
    ]),
  );
}

/** A value given as text (`--param qty=0.1`), in the type of the default it replaces. */
export function typedLike(text: string, like: ParamValue): ParamValue {
  if (typeof like === 'number' && text.trim() !== '' && Number.isFinite(Number(text))) return Number(text);
  if (typeof like === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}
