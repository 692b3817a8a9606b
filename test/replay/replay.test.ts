import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import type { WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { Worker } from '@temporalio/worker';
import { z } from 'zod';
import { bundleVariant } from '../helpers/bundle-variant';
import { quietTemporal } from '../helpers/workflow-harness';

const CHECKOUT = path.join(__dirname, '..', '..');
const HISTORIES = path.join(__dirname, 'histories');
const NAMES = readdirSync(HISTORIES).map((file) => path.basename(file, '.json'));

const historySchema = z.object({ events: z.array(z.looseObject({ eventType: z.string() })) });

function readHistory(name: string) {
  return historyFromJSON(JSON.parse(readFileSync(path.join(HISTORIES, `${name}.json`), 'utf8')));
}

function activityTypes(name: string): string[] {
  const { events } = historySchema.parse(JSON.parse(readFileSync(path.join(HISTORIES, `${name}.json`), 'utf8')));
  const scheduled = z.looseObject({
    activityTaskScheduledEventAttributes: z.object({ activityType: z.object({ name: z.string() }) }),
  });
  return events.flatMap((event) => {
    const parsed = scheduled.safeParse(event);
    return parsed.success ? [parsed.data.activityTaskScheduledEventAttributes.activityType.name] : [];
  });
}

/** The workflow with its review moved before the script's run: what no release may do to runs in flight. */
function bundleReordered(): Promise<WorkflowBundleWithSourceMap> {
  return bundleVariant('run-node.ts', (source) => {
    const executing = '  const execution = await execute(run, node, startedBefore);\n';
    const reviewing = /^ {2}const review = await runModelStep(?:.*;\n|[\s\S]*?\n {2}\);\n)/m;
    const review = reviewing.exec(source)?.[0] ?? '';
    return source.replace(review, '').replace(executing, `${review}${executing}`);
  });
}

const replay = (workflowBundle: WorkflowBundleWithSourceMap | { codePath: string }, name: string): Promise<void> =>
  Worker.runReplayHistory({ workflowBundle, replayName: name }, readHistory(name), name);

describe('committed histories', () => {
  const built = { codePath: path.join(CHECKOUT, 'lib', 'workflow-bundle.js') };

  beforeAll(() => {
    quietTemporal();
  });

  it('are there', () => {
    expect(NAMES.length).toBeGreaterThanOrEqual(12);
  });

  it.each(NAMES)('%s replays', async (name) => {
    await replay(built, name);
  });

  it('show draft, execute, review and publish as separate activities of a node', () => {
    expect(activityTypes('one-slot').slice(0, 6)).toEqual([
      'openRun',
      'preview',
      'draft',
      'execute',
      'review',
      'publish',
    ]);
  });

  it('show what a holdout run has besides: hidden rows, grades, and a selection with a run on all the data', () => {
    const types = activityTypes('holdout-selected');
    expect(types.slice(0, 3)).toEqual(['openRun', 'split', 'preview']);
    expect(types.slice(-4)).toEqual(['select', 'execute', 'summarize', 'report']);
    expect(types).toContain('grade');
  });

  it('show a run of the chain that takes over what the one before left running', () => {
    const types = activityTypes('continued-with-scripts');
    const proposals = types.filter((type) => ['draft', 'improve', 'debug'].includes(type));
    expect(types[0]).toBe('locate');
    expect(types.filter((type) => type === 'execute').length).toBeGreaterThan(proposals.length);
  });

  it('show digests that are written beside the search', () => {
    const types = activityTypes('with-digests');
    const first = types.indexOf('digest');
    expect(types.filter((type) => type === 'publish' || type === 'digest').indexOf('digest')).toBe(4);
    expect(types[first + 1]).toMatch(/draft|improve|debug/);
    expect(types.slice(-2)).toEqual(['summarize', 'report']);
  });

  it('show the same step sent to a fallback at once', () => {
    expect(activityTypes('answered-by-a-fallback').slice(2, 5)).toEqual(['draft', 'draft', 'execute']);
  });

  it('show that nothing is asked once a cap is reached', () => {
    expect(activityTypes('stopped-by-its-cap').slice(-2)).toEqual(['publish', 'report']);
  });

  it('show no model at work in a replay but for what is stored', () => {
    const types = new Set(activityTypes('replayed'));
    expect([types.has('improve'), types.has('digest'), types.has('summarize')]).toEqual([true, false, false]);
  });

  it('do not replay when the order of steps changes', async () => {
    const reordered = await bundleReordered();
    await expect(replay(reordered, 'one-slot')).rejects.toThrow(/Nondeterminism/);
  });
});
