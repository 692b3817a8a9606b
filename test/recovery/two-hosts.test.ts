import path from 'node:path';
import { executionFileSchema } from '../../src/domain/node-record';
import { provideSetup } from '../helpers/coppice-command';
import type { CoppiceProcess } from '../helpers/coppice-process';
import type { TcpProxy } from '../helpers/tcp-proxy';
import { startTcpProxy } from '../helpers/tcp-proxy';
import { longScriptSpec, plantLongScript } from './long-script';
import type { LongScript } from './long-script';
import { Scene, soon } from './scene';
import { expectBought } from './whole-run';

jest.setTimeout(300_000);

/** Longer than the test. */
const FOR_EVER = 3600;

describe('two hosts with one store', () => {
  let scene: Scene;
  let proxy: TcpProxy;

  beforeAll(async () => {
    scene = await Scene.open();
    const search = scene.place.coppice(['worker', '--role', 'search']);
    await search.waitFor(/warnings in/);
    proxy = await startTcpProxy((await scene.place.server())?.address ?? '');
  });
  afterEach(() => scene.model.control.clearRules());
  afterAll(async () => {
    await proxy.close();
    await scene.close();
  });

  it('make a node elsewhere when its host is cut off; once it is back, its old script is ended and counts for nothing', async () => {
    const cutOff = await startHost('north', proxy.address);
    const script = await startScript('cut');
    await proxy.cut();
    const other = await startHost('south');
    await script.untilStarted(2);
    const [first, second] = await script.starts();
    expect([first?.directory, second?.directory]).toEqual([
      expect.stringContaining(path.join('north', 'work')),
      expect.stringContaining(path.join('south', 'work')),
    ]);

    await proxy.mend();
    await soon('the old script is ended', async () => !(await script.isAlive(1)));
    expect(await script.isAlive(2)).toBe(true);
    await script.openGate();
    await expectMadeBy('south', 'cut', script);
    await Promise.all([cutOff.kill(), other.kill()]);
  });

  it('make a node elsewhere when its worker does not return; what it left running is ended by the next one there', async () => {
    const lost = await startHost('east');
    const script = await startScript('lost');
    await lost.kill();
    const other = await startHost('west');
    await script.untilStarted(2);
    const back = await startHost('east');
    await soon('the old script is ended', async () => !(await script.isAlive(1)));
    expect(await script.isAlive(2)).toBe(true);
    await back.kill();
    await script.openGate();
    await expectMadeBy('west', 'lost', script);
    await other.kill();
  });

  /** A worker with a home, a host id and locks of its own. */
  async function startHost(name: string, address?: string): Promise<CoppiceProcess> {
    const home = path.join(scene.place.home, name);
    const own = { COPPICE_HOST_ID: name, COPPICE_HOME: home, COPPICE_LEASES: path.join(home, 'leases') };
    await provideSetup({ home });
    const server = address ?? (await scene.place.server())?.address ?? '';
    const worker = scene.place.coppice(['worker', '--role', 'exec', '--slots', '1', '--address', server], own);
    await worker.waitFor(/warnings in/);
    return worker;
  }

  async function startScript(runId: string): Promise<LongScript> {
    const script = plantLongScript(scene, { runId, seconds: FOR_EVER });
    await scene.start(runId, longScriptSpec(scene));
    await script.untilStarted();
    return script;
  }

  async function expectMadeBy(hostId: string, runId: string, script: LongScript): Promise<void> {
    const run = await scene.untilFinished(runId);
    expect(run.nodes).toMatchObject([{ id: 1, status: 'working', metric: 0 }]);
    const execution: unknown = JSON.parse((await scene.place.read(`${runId}/nodes/1/execution.json`)) ?? '');
    expect(executionFileSchema.parse(execution)).toMatchObject({ hostId, attempt: 2 });
    expect(await script.starts()).toHaveLength(2);
    expectBought(scene, runId);
  }
});
