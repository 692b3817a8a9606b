import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const REPOSITORY = path.resolve(__dirname, '..', '..');

/** A small checkout: our own scripts and pins, with next to no sources, so that its build takes seconds. */
export interface Checkout {
  readonly directory: string;
  readonly home: string;
  /** PATH of the set-up: holds nothing but what a test puts there. */
  readonly tools: string;
}

export interface SetupResult {
  readonly code: number | null;
  readonly output: string;
}

export function makeCheckout(packages: 'installed' | 'absent'): Checkout {
  const root = mkdtempSync(path.join(os.tmpdir(), 'coppice-setup-'));
  const checkout = {
    directory: path.join(root, 'checkout'),
    home: path.join(root, 'home'),
    tools: path.join(root, 'tools'),
  };
  mkdirSync(checkout.tools);
  for (const name of [
    'scripts',
    'python',
    'bin',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'tsconfig.build.json',
  ]) {
    cpSync(path.join(REPOSITORY, name), path.join(checkout.directory, name), { recursive: true });
  }
  if (packages === 'installed') {
    symlinkSync(path.join(REPOSITORY, 'node_modules'), path.join(checkout.directory, 'node_modules'));
  }
  writeSource(checkout, 'cli/main.ts', "process.stdout.write('here\\n');\n");
  writeSource(checkout, 'workflows/index.ts', 'export async function nothing(): Promise<void> {}\n');
  return checkout;
}

export function removeCheckout(checkout: Checkout): void {
  rmSync(path.dirname(checkout.directory), { recursive: true, force: true });
}

export function writeSource(checkout: Checkout, file: string, text: string): void {
  const place = path.join(checkout.directory, 'src', file);
  mkdirSync(path.dirname(place), { recursive: true });
  writeFileSync(place, text);
}

/** Runs the checkout's set-up; PATH is the checkout's own tools unless given. */
export function runSetup(
  checkout: Checkout,
  environment: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
  onOutput: (output: string) => void = () => {},
): Promise<SetupResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path.join(checkout.directory, 'scripts', 'setup.mjs'), ...args], {
      cwd: checkout.directory,
      env: {
        HOME: path.dirname(checkout.directory),
        PATH: checkout.tools,
        COPPICE_HOME: checkout.home,
        ...environment,
      },
    });
    let output = '';
    const keep = (chunk: Buffer) => {
      output += chunk.toString();
      onOutput(output);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}

/** The steps that a set-up reported under one outcome. */
export function stepsWith(outcome: 'skipped' | 'done', result: SetupResult): string[] {
  return [...result.output.matchAll(new RegExp(`^ {2}(\\S.*?) +${outcome} +\\d`, 'gm'))].map((match) => match[1]!);
}
