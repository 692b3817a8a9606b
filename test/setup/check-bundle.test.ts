import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const REPOSITORY = path.resolve(__dirname, '..', '..');

describe('the check of the workflow bundle', () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(path.join(os.tmpdir(), 'coppice-bundle-'));
    symlinkSync(path.join(REPOSITORY, 'node_modules'), path.join(directory, 'node_modules'));
    writeModule('domain/shape.js', "exports.shape = require('zod').z.object({});\n");
    writeModule('llm/ask.js', "exports.ask = () => require('openai');\n");
  });

  afterEach(() => rmSync(directory, { recursive: true }));

  test('passes one of workflows, domain and the packages meant for them', () => {
    writeModule('workflows/index.js', "exports.flow = async () => require('../domain/shape').shape.parse({});\n");
    expect(run('bundle-workflows.mjs', ENTRY, 'bundle.js')).toEqual({ code: 0, stderr: '' });
    expect(run('check-bundle.mjs', 'bundle.js')).toEqual({ code: 0, stderr: '' });
  });

  test('names what got in from elsewhere, and the bundler refuses built-ins', () => {
    writeModule('workflows/index.js', "exports.flow = async () => require('../llm/ask').ask();\n");
    expect(run('bundle-workflows.mjs', ENTRY, 'bundle.js').code).toBe(0);
    const { code, stderr } = run('check-bundle.mjs', 'bundle.js');
    expect(code).toBe(1);
    expect(stderr).toContain('  - the package openai\n');
    expect(stderr).toContain('  - src/llm (./.lib-next/llm/ask.js): import its types only\n');

    writeModule('workflows/index.js', "exports.flow = async () => require('node:fs').readFileSync('x');\n");
    const refused = run('bundle-workflows.mjs', ENTRY, 'bundle.js');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('ERROR in node:fs');
  });

  const ENTRY = path.join('.lib-next', 'workflows', 'index.js');

  function writeModule(file: string, text: string): void {
    const place = path.join(directory, '.lib-next', file);
    mkdirSync(path.dirname(place), { recursive: true });
    writeFileSync(place, text);
  }

  function run(script: string, ...args: string[]): { code: number | null; stderr: string } {
    const { status, stderr } = spawnSync(process.execPath, [path.join(REPOSITORY, 'scripts', script), ...args], {
      cwd: directory,
      encoding: 'utf8',
    });
    return { code: status, stderr };
  }
});
