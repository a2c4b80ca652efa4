/** Options that several commands share, with the words of their `--help`. */
export const outputOptions = {
  out: { type: 'string', default: 'reports', describe: 'folder that gets one folder per run', requiresArg: true },
  json: { type: 'boolean', default: false, describe: 'print the result as one JSON document on stdout' },
  quiet: { type: 'boolean', default: false, describe: 'no progress and no notices' },
} as const;

export const seedOption = {
  seed: {
    type: 'string',
    describe: 'seed of every random draw; the same seed writes the same bytes [default: the config, else 1]',
    requiresArg: true,
  },
} as const;

export const executorOption = {
  executor: {
    type: 'string',
    describe:
      'reference, letter, naive, in drills a specimen (docs/specimens.md), or a .ts/.js file that default-exports an ExecutorFactory [default: reference]',
    requiresArg: true,
  },
} as const;

export const paramOption = {
  param: {
    type: 'string',
    array: true,
    nargs: 1,
    describe: "value of a scenario's parameter, as name=value; may be repeated",
    requiresArg: true,
  },
} as const;
