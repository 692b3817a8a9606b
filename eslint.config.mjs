import { builtinModules } from 'node:module';
import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import prettier from 'eslint-config-prettier';
import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/** For each part of src: the parts it may import from, besides itself. Dependencies point one way. */
const mayImport = {
  domain: [],
  policy: ['domain'],
  workflows: ['policy', 'domain', 'activities'],
  store: ['domain'],
  sandbox: ['domain', 'store', 'task/open-text.ts'],
  task: ['domain', 'store'],
  llm: ['domain', 'store'],
  checks: ['domain', 'store'],
  grading: ['domain', 'store', 'sandbox', 'task'],
  selection: ['domain'],
  report: ['store', 'domain', 'policy'],
  server: ['domain', 'store', 'sandbox/process-identity.ts'],
  activities: ['store', 'sandbox', 'task', 'llm', 'checks', 'grading', 'selection', 'report', 'policy', 'domain'],
};

const zones = Object.entries(mayImport).map(([part, others]) => ({
  target: `./src/${part}`,
  from: './src',
  except: [part, ...others].map((other) => `./${other}`),
  message: `src/${part} may import only from: ${[part, ...others].join(', ')}.`,
}));
zones.push({
  target: './src/workers',
  from: ['./src/cli', './src/web'],
  message: 'Workers know nothing of the command line and the web page.',
});

/** What workflow code and all it is made of must not touch: it runs in Temporal's deterministic sandbox. */
const outsideTheSandbox = {
  patterns: [
    {
      regex: `^(node:.*|(${builtinModules.filter((name) => !name.startsWith('_')).join('|')})(/.*)?)$`,
      message: 'No Node built-ins in domain, policy and workflows.',
    },
    { regex: '^openai(/.*)?$', message: 'Model calls belong into activities.' },
    {
      regex: '^@temporalio/(activity|client|worker|testing|core-bridge)(/.*)?$',
      message: 'Only @temporalio/workflow and @temporalio/common may be bundled into workflow code.',
    },
  ],
};
const activityTypesOnly = {
  regex: '(^|/)activities/',
  allowTypeImports: true,
  message: 'Workflows know activities by their types alone: use import type and proxyActivities.',
};
const noTemporal = { regex: '^@temporalio/', message: 'domain and policy are plain functions, without Temporal.' };

const noRandom = {
  object: 'Math',
  property: 'random',
  message: 'Draw from a stream derived from the seed; Math.random changes its seed at continue-as-new.',
};
const noHostGlobals = ['process', 'Buffer', 'performance', 'crypto', 'fetch', 'require', '__dirname'].map((name) => ({
  name,
  message: 'Not deterministic, or not there, in workflow code.',
}));
const clockMessage = 'Pass the time in: domain and policy have no clock.';

const nodeGlobals = Object.fromEntries(
  [
    'process',
    'console',
    'Buffer',
    'URL',
    'setTimeout',
    'clearTimeout',
    'setInterval',
    'clearInterval',
    'fetch',
    'performance',
  ].map((name) => [name, 'readonly']),
);
const commonJsGlobals = { require: 'readonly', module: 'writable', __dirname: 'readonly', __filename: 'readonly' };

export default defineConfig(
  { ignores: ['lib/', '.lib-next/', 'node_modules/', '.coppice/', 'runs/', 'coverage/', 'test/**/histories/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  { files: ['**/*.{js,mjs,cjs}'], languageOptions: { globals: nodeGlobals } },
  { files: ['**/*.{js,cjs}'], languageOptions: { sourceType: 'commonjs', globals: commonJsGlobals } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    plugins: { 'import-x': importX },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    settings: {
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
      'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.js', '.json'] })],
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      'import-x/no-cycle': 'error',
      'import-x/no-restricted-paths': ['error', { basePath: import.meta.dirname, zones }],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['src/{domain,policy}/**/*.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        { ...outsideTheSandbox, patterns: [...outsideTheSandbox.patterns, noTemporal] },
      ],
      'no-restricted-globals': ['error', ...noHostGlobals],
      'no-restricted-properties': ['error', noRandom, { object: 'Date', property: 'now', message: clockMessage }],
      'no-restricted-syntax': [
        'error',
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: clockMessage },
        { selector: "CallExpression[callee.name='Date']", message: clockMessage },
        { selector: 'ImportExpression', message: 'No dynamic imports in workflow code.' },
      ],
    },
  },
  {
    files: ['src/workflows/**/*.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        { ...outsideTheSandbox, patterns: [...outsideTheSandbox.patterns, activityTypesOnly] },
      ],
      'no-restricted-globals': ['error', ...noHostGlobals],
      'no-restricted-properties': ['error', noRandom],
      'no-restricted-syntax': [
        'error',
        { selector: 'ImportExpression', message: 'No dynamic imports in workflow code.' },
      ],
    },
  },
  prettier,
);
