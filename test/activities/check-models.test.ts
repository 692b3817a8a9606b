import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createCheckModels } from '../../src/activities/check-models';
import { FailureType } from '../../src/domain/failure-type';
import type { ResolvedModels } from '../../src/domain/resolved-model';
import { runFileSchema } from '../../src/domain/run-files';
import { offlineModels } from '../../src/llm/models/resolve-models';
import type { ArtifactStore } from '../../src/store/artifact-store';
import { createDirectoryStore } from '../../src/store/directory-store';
import { readJson } from '../../src/store/json-file';
import { runKeys } from '../../src/store/run-keys';
import { resolvedModel, resolvedModels } from '../helpers/resolved-models';
import { writeRun } from '../helpers/run-fixture';

const PLAIN = resolvedModel({ endpoint: 'mistyped' });
const PLACED = resolvedModel({ endpoint: 'models.example', baseUrl: 'https://models.example/v1' });

let root: string;
let store: ArtifactStore;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coppice-check-models-'));
  store = createDirectoryStore(root);
});

afterEach(() => rm(root, { recursive: true }));

async function check(models: ResolvedModels, environment: Readonly<Record<string, string>>) {
  await writeRun(store, { runId: 'run', run: { models } });
  return createCheckModels({ store, environment })({ runId: 'run' });
}

test('models without an address are looked for where this worker reaches them, of every role', async () => {
  const models = resolvedModels(PLAIN, { review: [PLACED, PLAIN], report: [PLACED] });
  const { modelRoutes } = await check(models, { OPENAI_BASE_URL: 'http://localhost:8080/v1' });

  expect(modelRoutes).toEqual({
    draft: ['localhost-8080'],
    improve: ['localhost-8080'],
    debug: ['localhost-8080'],
    review: ['models.example', 'localhost-8080'],
    digest: ['localhost-8080'],
    report: ['models.example'],
  });
  const stored = await readJson(store, runKeys('run').run, runFileSchema);
  expect(stored?.models.review).toEqual([PLACED, { ...PLAIN, endpoint: 'localhost-8080' }]);
});

test('a run without a language model stays without one', async () => {
  const { modelRoutes } = await check(offlineModels(), { OPENAI_API_KEY: 'key' });

  expect(modelRoutes.draft).toEqual(['offline']);
});

test("an address that cannot be one is the worker's own trouble, and only matters to models that need it", async () => {
  const environment = { OPENAI_BASE_URL: 'localhost:80' };

  await expect(check(resolvedModels(PLAIN), environment)).rejects.toMatchObject({
    type: FailureType.ModelUnreachable,
    message: expect.stringContaining('OPENAI_BASE_URL is not') as string,
  });
  expect((await check(resolvedModels(PLACED), environment)).modelRoutes.draft).toEqual(['models.example']);
});
