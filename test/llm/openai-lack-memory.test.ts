import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createOpenAiModel } from '../../src/llm/openai-model';
import { formatOf, lacking, named, uses, VERDICT } from './lacking-server';
import { FULL, LacksScene } from './lacks-scene';
import { DRAFT, failureOf, REVIEW } from './model-calls';
import { refuse } from './model-server';

let scene: LacksScene;

beforeEach(async () => {
  scene = await LacksScene.open();
});
afterEach(() => scene.close());

describe('where requests are counted', () => {
  beforeEach(() => {
    scene.rateLimited = true;
  });

  test('a request without what is lacking is another attempt of the step', async () => {
    const model = await scene.start(lacking(['json_schema', 'temperature'], 400, named));
    for (const lack of ['json_schema', 'temperature']) {
      const failure = await failureOf(scene.ask(model, REVIEW, FULL));
      expect(failure).toMatchObject({ type: 'AskAgain', nonRetryable: false, nextRetryDelay: 100 });
      expect(failure.message).toContain(`"${lack}"`);
    }
    expect((await scene.ask(model, REVIEW, FULL)).text).toBe(VERDICT);
    await scene.ask(scene.anotherModel(), { ...REVIEW, ask: 2 }, FULL);
    expect(scene.server.requests).toHaveLength(4);
    expect(scene.server.requests.slice(2).map(formatOf)).toEqual(['json_object', 'json_object']);
  });

  test('what helped nothing is forgotten', async () => {
    const model = await scene.start((response) => refuse(response, 400, { message: 'no' }));
    const types = [];
    for (let attempt = 1; attempt <= 4; attempt += 1) types.push((await failureOf(scene.ask(model))).type);
    expect(types).toEqual(['AskAgain', 'AskAgain', 'ModelRequestRejected', 'AskAgain']);
    expect(uses['stream']?.(scene.server.requests[3]!)).toBe(true);
  });

  test('an attempt that failed otherwise decides nothing', async () => {
    const model = await scene.start((response, request, nth) => {
      if (nth === 2) refuse(response, 429, { message: 'slow down' });
      else lacking(['temperature'], 400, named)(response, request, nth);
    });
    const types = [];
    for (let attempt = 1; attempt <= 2; attempt += 1) types.push((await failureOf(scene.ask(model, DRAFT, FULL))).type);
    await scene.ask(model, DRAFT, FULL);
    expect(types).toEqual(['AskAgain', 'ModelUnreachable']);
    expect(scene.server.requests.map((request) => uses['temperature']?.(request))).toEqual([true, false, false]);
  });
});

describe('the file about an endpoint', () => {
  const file = (): string => path.join(scene.directory, 'some-endpoint.json');
  const learn = async (): Promise<void> => {
    const model = await scene.start(lacking(['temperature'], 400, named));
    await scene.ask(model, DRAFT, FULL);
  };

  test('is forgotten after a week', async () => {
    await learn();
    const eightDaysAgo = String(Date.now() - 8 * 24 * 60 * 60 * 1000);
    await writeFile(file(), (await readFile(file(), 'utf8')).replaceAll(/\d{10,}/g, eightDaysAgo));
    await scene.ask(scene.anotherModel(), DRAFT, FULL);
    expect(scene.server.requests.map((request) => uses['temperature']?.(request))).toEqual([true, false, true, false]);
  });

  test.each(['{"format": 1, "models": {"some-mo', '[]', '{"format": 99}'])(
    'is done without when it is %s',
    async (text) => {
      await learn();
      await writeFile(file(), text);
      await scene.ask(scene.anotherModel(), DRAFT, FULL);
      expect(scene.server.requests).toHaveLength(4);
      expect(await readFile(file(), 'utf8')).toContain('temperature');
    },
  );

  test('keeps what other processes wrote of other models', async () => {
    await learn();
    const [one, another] = [scene.anotherModel(), scene.anotherModel()];
    await scene.ask(one, DRAFT, FULL);
    await scene.ask(another, DRAFT, FULL);
    await scene.ask(one, DRAFT, { ...FULL, name: 'one' });
    await scene.ask(another, DRAFT, { ...FULL, name: 'another' });
    const sent = scene.server.requests.length;
    const last = scene.anotherModel();
    for (const name of ['some-model', 'one', 'another']) await scene.ask(last, DRAFT, { ...FULL, name });
    expect(scene.server.requests).toHaveLength(sent + 3);
  });

  test('is not needed', async () => {
    await scene.start(lacking(['temperature'], 400, named));
    const model = createOpenAiModel({
      environment: {},
      endpointsDirectory: path.join(scene.directory, 'file', 'below'),
      isRateLimited: () => false,
    });
    await writeFile(path.join(scene.directory, 'file'), '');
    await scene.ask(model, DRAFT, FULL);
    await scene.ask(model, DRAFT, FULL);
    expect(scene.server.requests).toHaveLength(3);
  });
});
