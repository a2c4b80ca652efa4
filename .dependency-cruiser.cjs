// Who may import whom (docs/architecture.md). A folder may always import itself.
const mayImport = {
  core: [],
  clock: ['core'],
  hedge: ['core'],
  exchange: ['core', 'clock', 'hedge'],
  journal: ['core', 'hedge'],
  executor: ['core', 'clock', 'hedge', 'exchange', 'journal'],
  strategy: ['core', 'hedge'],
  market: ['core', 'clock', 'hedge'],
  history: ['core', 'clock', 'hedge', 'exchange', 'market'],
  faults: ['core', 'hedge', 'exchange', 'journal'],
  sim: ['core', 'clock', 'hedge', 'exchange', 'journal', 'market', 'faults'],
  wire: ['core', 'clock', 'hedge', 'exchange', 'journal', 'market', 'faults', 'sim'],
  drill: ['core', 'clock', 'hedge', 'exchange', 'journal', 'executor', 'market', 'faults', 'sim', 'specimens'],
  specimens: ['core', 'clock', 'hedge', 'exchange', 'journal', 'executor'],
  config: ['core', 'hedge', 'exchange', 'strategy', 'executor', 'faults'],
  notify: ['core', 'clock', 'executor'],
  report: ['core', 'hedge', 'journal'],
};

const layers = Object.entries(mayImport).map(([folder, allowed]) => ({
  name: `layer-${folder}`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: {
    path: '^src/',
    pathNot: [
      `^src/(${[folder, ...allowed].join('|')})/`,
      ...(folder === 'report' ? ['^src/sim/tape-event\\.ts$', '^src/sim/tape-codec\\.ts$'] : []),
    ],
  },
}));

module.exports = {
  forbidden: [
    ...layers,
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    {
      name: 'cli-only-runs',
      comment: 'The command line parses words and calls a run.',
      severity: 'error',
      from: { path: '^src/cli/' },
      to: { path: '^src/', pathNot: '^src/(cli|run|report|core)/' },
    },
    {
      name: 'ccxt-values-at-the-edge',
      comment: 'Values of ccxt are loaded in exchange, sim and wire only; its types may be named anywhere.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(exchange|sim|wire)/' },
      to: { path: 'node_modules/ccxt', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'danfojs-behind-one-adapter',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/report/danfo' },
      to: { path: 'danfojs' },
    },
    {
      name: 'nothing-needs-testing',
      comment: 'What users test their executors with stands on top of everything.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/testing/' },
      to: { path: '^src/testing/' },
    },
    {
      name: 'vitest-behind-one-file',
      comment: 'An optional peer: drill and explore work without it.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/testing/vitest\\.ts$' },
      to: { path: 'node_modules/vitest' },
    },
    { name: 'no-tests-in-src', severity: 'error', from: { path: '^src/' }, to: { path: '^(test|bench)/' } },
    { name: 'no-unresolved', severity: 'error', from: { path: '^src/' }, to: { couldNotResolve: true, pathNot: 'danfojs' } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default', 'types'] },
  },
};
