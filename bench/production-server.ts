/*
 * `node --import tsx bench/production-server.ts [KILLS]`: one run on the embedded server and the same on the server of
 * docker-compose.yml with PostgreSQL, each with its server killed KILLS times (default 20), the last also with its database;
 * their trees must be the same. Needs what `node scripts/deployment-binaries.mjs` builds, and PostgreSQL.
 */
import assert from 'node:assert/strict';
import { findBinaries } from '../test/deployment/binaries';
import { ProductionStack } from '../test/deployment/production-stack';
import { expectSameTree, runThroughServerKills, type SurvivedRun } from '../test/deployment/same-tree';
import type { ScriptBehaviour } from '../test/scripted-model/actions';
import { Scene } from '../test/recovery/scene';

/** Nodes between two kills. */
const DISTANCE = 2;

async function main(): Promise<void> {
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  const kills = Array.from({ length: Number(process.argv[2] ?? 20) }, (_, index) => 1 + index * DISTANCE);
  const steps = kills.length * DISTANCE + 2;
  const binaries = findBinaries();
  assert.ok(binaries !== null, 'run `node scripts/deployment-binaries.mjs`, and install PostgreSQL and wget');
  const stack = await ProductionStack.open(binaries, { POSTGRES_PASSWORD: 'bench' });
  try {
    await startServer(stack);
    const survived: SurvivedRun[] = [];
    for (const place of ['embedded', 'production'] as const) {
      const began = Date.now();
      survived.push(await search(stack, place, kills, steps));
      const minutes = ((Date.now() - began) / 60_000).toFixed(1);
      print(
        `${place}: ${steps} nodes through ${kills.length} kills in ${minutes} minutes, nothing lost or bought twice`,
      );
    }
    expectSameTree(...survived);
    print('both runs have the same tree');
  } finally {
    await stack.close();
  }
}

async function startServer(stack: ProductionStack): Promise<void> {
  await stack.initialiseDatabase();
  await stack.startHealthy('postgresql');
  assert.equal((await stack.runToEnd('temporal-schema')).exitCode, 0);
  await stack.startHealthy('temporal');
  assert.equal((await stack.runToEnd('temporal-bootstrap')).exitCode, 0);
}

async function search(
  stack: ProductionStack,
  place: 'embedded' | 'production',
  kills: readonly number[],
  steps: number,
): Promise<SurvivedRun> {
  const more = place === 'embedded' ? {} : { environment: { TEMPORAL_ADDRESS: stack.address } };
  const scene = await Scene.open(behaviour, more);
  let count = 0;
  const killServer = async (): Promise<void> => {
    count += 1;
    if (place === 'embedded') await scene.place.killServer();
    else await restart(stack, count % 4 === 0 ? ['temporal', 'postgresql'] : ['temporal']);
  };
  try {
    return await runThroughServerKills(scene, place, { kills, steps, killServer });
  } finally {
    await scene.close();
  }
}

/** Kills services and starts them again, as Docker does; the server is one that waits for its database by failing. */
async function restart(stack: ProductionStack, names: readonly string[]): Promise<void> {
  for (const name of names) await stack.kill(name);
  for (const name of [...names].reverse()) await stack.startHealthy(name);
}

function behaviour({ node }: { readonly node: number }): ScriptBehaviour {
  return node % 5 === 2 ? { fail: 'exception' } : {};
}

void main();
