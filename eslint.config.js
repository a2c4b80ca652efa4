import js from '@eslint/js';
import tseslint from 'typescript-eslint';

// The ambient sources of time, chance and I/O; only the files listed at the end may use them.
const ambient = [
  { object: 'Date', property: 'now', message: 'Time comes from the Clock port.' },
  { object: 'Math', property: 'random', message: 'Chance comes from named seeded streams (core/random).' },
  { object: 'performance', property: 'now', message: 'Time comes from the Clock port.' },
  { object: 'process', property: 'hrtime', message: 'Time comes from the Clock port.' },
  { object: 'crypto', property: 'randomUUID', message: 'Ids come from the IdSource port.' },
  { object: 'AbortSignal', property: 'timeout', message: 'Time-outs come from the Clock port.' },
];
const ambientGlobals = ['setTimeout', 'setInterval', 'setImmediate', 'fetch'].map((name) => ({
  name,
  message: 'Time and I/O come from ports.',
}));
const ambientSyntax = [
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'Time comes from the Clock port.' },
  { selector: "CallExpression[callee.property.name='toLocaleString']", message: 'Output must not depend on the locale.' },
  { selector: "CallExpression[callee.property.name='localeCompare']", message: 'Order must not depend on the locale.' },
  { selector: 'ExportDefaultDeclaration', message: 'Exports are named.' },
];

export default tseslint.config(
  { ignores: ['dist/**', 'reports/**', 'node_modules/**', 'coverage/**'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      eqeqeq: 'error',
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
      complexity: ['error', 20],
    },
  },
  // An example's own tsconfig.json finds the package in node_modules, as a stranger's does; here it is the source.
  { files: ['examples/**/*.ts'], languageOptions: { parserOptions: { projectService: false, project: './tsconfig.json' } } },
  {
    files: ['src/**/*.ts'],
    rules: {
      'no-restricted-properties': ['error', ...ambient],
      'no-restricted-globals': ['error', ...ambientGlobals],
      'no-restricted-syntax': ['error', ...ambientSyntax],
      'no-console': 'error',
    },
  },
  {
    files: ['src/clock/system-clock.ts', 'src/sim/virtual-clock.ts', 'src/sim/ambient-guard.ts', 'src/cli/**/*.ts'],
    rules: { 'no-restricted-properties': 'off', 'no-restricted-globals': 'off', 'no-restricted-syntax': 'off' },
  },
  { files: ['src/cli/**/*.ts'], rules: { 'no-console': 'off' } },
  { files: ['test/**/*.ts', 'bench/**/*.ts'], rules: { 'max-lines-per-function': 'off', 'max-lines': 'off' } },
  { files: ['**/*.config.ts', 'examples/**/*.ts', 'test/**/*executor*.ts'], rules: { 'no-restricted-syntax': 'off' } },
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly', setTimeout: 'readonly' } },
  },
);
