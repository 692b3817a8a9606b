import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { printService } from '../../src/cli/commands/service';
import { launchdFile } from '../../src/cli/service/launchd-file';
import type { Service } from '../../src/cli/service/service';
import { systemdUnit } from '../../src/cli/service/systemd-unit';
import { captureContext } from './command-harness';

const AWKWARD: Service = {
  command: [process.execPath, '/a place/50%/$HOME/"quoted"\\<x>&.js', 'worker'],
  directory: tmpdir(),
  environment: { PATH: '/usr/bin', ODD: 'a "b" $c %d <e> & f' },
  log: '/tmp/some log.txt',
};

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'coppice-service-'));
});

afterEach(() => rm(directory, { recursive: true, force: true }));

function hasCommand(name: string): boolean {
  try {
    execFileSync('which', [name], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

async function verifyUnit(text: string): Promise<string> {
  const file = path.join(directory, 'coppice.service');
  await writeFile(file, text);
  const { stderr } = await promisify(execFile)('systemd-analyze', ['verify', '--user', '--man=no', file], {
    env: { ...process.env, XDG_RUNTIME_DIR: directory },
  });
  return stderr;
}

(hasCommand('systemd-analyze') ? test : test.skip)('systemd takes the unit, whatever stands in its paths', async () => {
  const printed = await verifyUnit(systemdUnit({ ...AWKWARD, command: [process.execPath, '--version'] }).text);
  expect(printed.replace(/.*SO_PASSCRED.*\n?/g, '')).toBe('');
  await expect(verifyUnit(systemdUnit({ ...AWKWARD, command: ['no-such/program'] }).text)).rejects.toThrow(/no-such/);
});

test('a unit quotes what would mean something to systemd', () => {
  const { text } = systemdUnit(AWKWARD);
  expect(text).toContain(`ExecStart="${process.execPath}" "/a place/50%%/$$HOME/\\"quoted\\"\\\\<x>&.js" "worker"\n`);
  expect(text).toContain('Environment="ODD=a \\"b\\" $$c %%d <e> & f"\n');
});

test('a property list reads back as what was put in', async () => {
  const file = path.join(directory, 'coppice.plist');
  await writeFile(file, launchdFile(AWKWARD).text);
  const { stdout } = await promisify(execFile)('python3', [
    '-c',
    'import json, plistlib, sys; print(json.dumps(plistlib.load(open(sys.argv[1], "rb"))))',
    file,
  ]);
  expect(JSON.parse(stdout)).toMatchObject({
    ProgramArguments: AWKWARD.command,
    WorkingDirectory: AWKWARD.directory,
    EnvironmentVariables: AWKWARD.environment,
    RunAtLoad: true,
    KeepAlive: true,
    AbandonProcessGroup: true,
    StandardOutPath: AWKWARD.log,
  });
});

test('the service runs a worker with the places of here, and no key stands in it', () => {
  const { context, printed, noted } = captureContext({
    PATH: '/usr/bin',
    COPPICE_HOME: '/homes/x',
    COPPICE_STORE: '/runs/x',
    OPENAI_API_KEY: 'sk-very-secret',
    TEMPORAL_ADDRESS: 'temporal.example:7233',
    TEMPORAL_API_KEY: 'also-secret',
    TEMPORAL_TLS_CLIENT_KEY_PATH: '/tls/client.key',
  });
  expect(printService(context, { format: 'systemd', slots: 3 })).toBe(0);
  const text = printed.join('\n');
  expect(text).toMatch(/^ExecStart="\/.*node.*" "\/.*coppice\.js" "worker" "--slots" "3"$/m);
  for (const line of [
    'COPPICE_HOME=/homes/x',
    'COPPICE_STORE=/runs/x',
    'TEMPORAL_ADDRESS=temporal.example:7233',
    'TEMPORAL_TLS_CLIENT_KEY_PATH=/tls/client.key',
  ]) {
    expect(text).toContain(`Environment="${line}"`);
  }
  expect(text).not.toContain('secret');
  expect(noted.join('\n')).toContain('systemctl --user');
});
