import { existsSync, readFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import path from 'node:path';
import { tsToMs } from '@temporalio/common/lib/time';
import { statusJsonSchema } from '../../src/cli/json-output';
import { openClient, resolveConnection } from '../../src/workers/connect';
import { readSettings } from '../../src/workers/settings';
import { Scene } from '../recovery/scene';
import type { ScriptBehaviour } from '../scripted-model/actions';
import { describeWithTool } from '../helpers/require-tool';
import { waitUntil } from '../helpers/wait-until';
import { findBinaries } from './binaries';
import { ProductionStack } from './production-stack';
import { expectSameTree, runThroughServerKills } from './same-tree';

jest.setTimeout(300_000);

/** On a busy machine; three nodes take seconds. */
const RUN_PATIENCE_MS = 200_000;

const ROLES = ['search', 'exec', 'grade'];

const binaries = findBinaries();

/** In the order of their `depends_on`, as `docker compose up` starts them. */
describeWithTool(
  'the Temporal server of production and PostgreSQL',
  () => binaries !== null,
  () => {
    let scene: Scene;
    let stack: ProductionStack;

    beforeAll(async () => {
      if (binaries === null) throw new Error('unreachable');
      scene = await Scene.open(behaviour);
      stack = await ProductionStack.open(binaries, {
        POSTGRES_PASSWORD: '0123456789abcdef0123456789abcdef',
        SEARCH_ATTRIBUTES: 'Team=Keyword Cost=Double',
        COPPICE_MODEL: 'scripted',
        OPENAI_BASE_URL: scene.model.baseUrl,
        COPPICE_REQUESTS_PER_MINUTE: '60000',
      });
      await cp(scene.place.task, path.join(stack.root, 'tasks', 'numbers'), { recursive: true });
    });
    afterAll(async () => {
      await stack.close();
      await scene.close();
    });

    it('postgresql starts by its command and becomes healthy', async () => {
      await stack.initialiseDatabase();
      expect(await stack.health('postgresql')).not.toBe(0);
      await stack.startHealthy('postgresql');
    });

    it.each(['first', 'second'])('the %s run of temporal-schema succeeds', async () => {
      const { exitCode, output } = await stack.runToEnd('temporal-schema');
      expect([exitCode, output]).toEqual([0, expect.stringContaining('UpdateSchemaTask done')]);
    });

    it('temporal starts by its command and becomes healthy', async () => {
      expect(await stack.health('temporal')).not.toBe(0);
      await stack.startHealthy('temporal');
      expect(stack.log('temporal')).not.toContain('"level":"info"');
      expect(stack.log('temporal')).not.toContain('allow-no-auth');
    });

    it('the dynamic configuration has only what the server knows', async () => {
      const { DYNAMIC_CONFIG_FILE_PATH: file = '' } = stack.environment('temporal');
      const { exitCode, output } = await stack.runProgram('temporal', [
        'temporal-server',
        'validate-dynamic-config',
        file,
      ]);
      expect([exitCode, output.trim()]).toEqual([0, file]);
    });

    it.each(['first', 'second'])('after the %s run of temporal-bootstrap all is there', async () => {
      const { exitCode, output } = await stack.runToEnd('temporal-bootstrap');
      expect([exitCode, output]).toEqual([0, expect.stringContaining('Namespace default is ready')]);
      expect(await namespaceOf(stack)).toEqual({
        retentionMs: 30 * 24 * 3600 * 1000,
        searchAttributes: expect.arrayContaining(['Team', 'Cost']) as unknown,
        shards: stack.environment('temporal')['NUM_HISTORY_SHARDS'],
      });
    });

    it('temporal-ui starts by its command, becomes healthy and shows that server', async () => {
      await stack.startHealthy('temporal-ui');
      const { TEMPORAL_CORS_ORIGINS: origin = '', TEMPORAL_UI_PORT: port = '' } = stack.environment('temporal-ui');
      const page = await fetch(`http://127.0.0.1:${port}/api/v1/namespaces/default`, { headers: { origin } });
      expect(await page.json()).toMatchObject({ namespaceInfo: { name: 'default' } });
      expect(page.headers.get('access-control-allow-origin')).toBe(origin);
      const settings = await fetch(`http://127.0.0.1:${port}/api/v1/settings`);
      expect(await settings.json()).toMatchObject({ DefaultNamespace: 'default', DisableNewsFetch: true });
    });

    it.each([
      ['postgresql', []],
      ['temporal-schema', ['temporal-sql-tool']],
      ['temporal-bootstrap', ['deploy/temporal-bootstrap.sh']],
      ['temporal', ['temporal-server']],
      ['temporal-ui', ['config/docker.yaml']],
    ])('every variable of %s is one that its programs read', (name, readers) => {
      const programs = readers.map((reader) => readFileSync(stack.programFile(reader)));
      const isRead = (variable: string): boolean => programs.some((program) => program.includes(variable));
      const unread = Object.keys(stack.environment(name)).filter((variable) => !isRead(variable));
      // Those of PostgreSQL are for the entrypoint of its image, and checked against its documentation.
      expect(unread).toEqual(
        name === 'postgresql' ? ['POSTGRES_USER', 'POSTGRES_PASSWORD', 'POSTGRES_INITDB_ARGS'] : [],
      );
    });

    it('the workers start by their commands and become healthy', async () => {
      expect(await Promise.all(ROLES.map((role) => stack.health(role)))).toEqual([1, 1, 1]);
      await Promise.all(ROLES.map((role) => stack.startHealthy(role)));
      expect(stack.log('search')).not.toContain('polls coppice-exec');
      expect(stack.log('exec')).not.toContain('polls coppice-grade');
    });

    it('a run started by the command of the file is done by the three workers', async () => {
      const words = ['start', '/tasks/numbers', '--steps', '3', '--run-id', 'composed', '--evaluation', 'holdout'];
      const started = await stack.runToEnd('coppice', words);
      expect([started.exitCode, started.output]).toEqual([0, expect.stringContaining('composed')]);
      expect(started.output).not.toContain('no worker');
      const { COPPICE_GRADE: grade = '', COPPICE_STORE: store = '' } = stack.environment('grade');
      const stateFile = path.join(store, 'composed', 'state.json');
      const isOver = (): boolean => existsSync(stateFile) && readFileSync(stateFile, 'utf8').includes('"finished"');
      await waitUntil('the run is over', isOver, RUN_PATIENCE_MS);
      const { exitCode, output } = await stack.runToEnd('coppice', ['status', 'composed', '--json']);
      expect(exitCode).toBe(0);
      expect(statusJsonSchema.parse(JSON.parse(output))).toMatchObject({
        state: 'finished',
        steps: { done: 3 },
        evaluation: { kind: 'holdout' },
      });
      expect(existsSync(path.join(grade, 'composed'))).toBe(true);
    });

    it('the workers end well when their containers are to stop', async () => {
      expect(await Promise.all(ROLES.map((role) => stack.stop(role)))).toEqual([0, 0, 0]);
    });

    it('a run through kills of this server has the tree of one through kills of the embedded one', async () => {
      const options = { kills: [1, 3, 5], steps: 7 };
      const other = await Scene.open(behaviour, { environment: { TEMPORAL_ADDRESS: stack.address } });
      try {
        const [embedded, production] = await Promise.all([
          runThroughServerKills(scene, 'embedded', { ...options, killServer: () => scene.place.killServer() }),
          runThroughServerKills(other, 'production', {
            ...options,
            killServer: async () => {
              await stack.kill('temporal');
              stack.start('temporal');
            },
          }),
        ]);
        expectSameTree(embedded, production);
      } finally {
        await other.close();
      }
    });
  },
);

/** Some scripts fail, so that the tree has repairs. */
function behaviour({ node }: { readonly node: number }): ScriptBehaviour {
  return node === 2 ? { fail: 'exception' } : {};
}

/** What the bootstrap job and the server's variables are to have made. */
async function namespaceOf(stack: ProductionStack) {
  const { client, close } = await openClient(
    await resolveConnection({ settings: readSettings({}), address: stack.address }),
  );
  try {
    const { workflowService, operatorService } = client.connection;
    const { config } = await workflowService.describeNamespace({ namespace: 'default' });
    const { customAttributes } = await operatorService.listSearchAttributes({ namespace: 'default' });
    const { historyShardCount } = await workflowService.getClusterInfo({});
    return {
      retentionMs: tsToMs(config?.workflowExecutionRetentionTtl ?? undefined),
      searchAttributes: Object.keys(customAttributes),
      shards: String(historyShardCount),
    };
  } finally {
    await close();
  }
}
