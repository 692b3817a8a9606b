import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Arena } from '../../bench/hostile/arena';
import { openArena } from '../../bench/hostile/arena';
import type { BackEnd } from '../../bench/hostile/hostile-script';
import { HOSTILE_SCRIPTS, playScene } from '../../bench/hostile/scenes';
import { hostileTable } from '../../bench/hostile/table';
import { findCommand } from '../helpers/find-command';
import { describeWithTool } from '../helpers/require-tool';

jest.setTimeout(240_000);

const QUICK_SCRIPTS = HOSTILE_SCRIPTS.filter(({ isSlow }) => isSlow !== true);

describe('hostile scripts, the quick ones of bench/hostile.ts', () => {
  let arena: Arena;

  beforeAll(async () => {
    arena = await openArena();
  });
  afterAll(() => arena.close());

  it('end as docs/hosts.md says without isolation, and nothing is left of them', () => expectAsTold('process'));

  describeWithTool(
    'bubblewrap',
    () => findCommand('bwrap') !== undefined,
    () => {
      it('end as docs/hosts.md says, and nothing is left of them', () => expectAsTold('bubblewrap'));
    },
  );

  it('stand in docs/hosts.md as they are', async () => {
    const document = await readFile(path.resolve(__dirname, '..', '..', 'docs', 'hosts.md'), 'utf8');
    expect(document).toContain(hostileTable(HOSTILE_SCRIPTS));
  });

  async function expectAsTold(backEnd: BackEnd): Promise<void> {
    const { verdicts } = await playScene(arena, backEnd, 'plain', QUICK_SCRIPTS);
    expect(verdicts.length).toBeGreaterThan(15);
    const surprises = verdicts.flatMap(({ script, surprises: own }) => own.map((one) => `${script.name}: ${one}`));
    expect(surprises).toEqual([]);
  }
});
