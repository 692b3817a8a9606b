/*
 * `npm run bench:hostile [-- BACKEND …]`: hostile scripts under every back end; about five minutes. Writes the table in
 * docs/hosts.md when all of them ended as it says; ends with status 1 when one did not.
 */
import type { Arena } from './hostile/arena';
import { openArena } from './hostile/arena';
import type { BackEnd, HostileScript } from './hostile/hostile-script';
import { BACK_ENDS } from './hostile/hostile-script';
import { HOSTILE_SCRIPTS, playScene } from './hostile/scenes';
import { hostileTable, writeTable } from './hostile/table';

const SCENES = ['plain', 'gigabyte', 'small disk', 'withheld', 'input'] as const;

async function main(): Promise<void> {
  const asked = process.argv.slice(2);
  const backEnds = BACK_ENDS.filter((name) => asked.length === 0 || asked.includes(name));
  const arena = await openArena();
  try {
    const trials: Trials = { surprises: 0, skipped: 0 };
    for (const backEnd of backEnds) for (const scene of SCENES) await play(arena, backEnd, scene, trials);
    const table = hostileTable(HOSTILE_SCRIPTS);
    print(table);
    if (trials.surprises > 0) process.exitCode = 1;
    else if (trials.skipped === 0 && backEnds.length === BACK_ENDS.length) await writeTable(table);
  } finally {
    await arena.close();
  }
}

interface Trials {
  surprises: number;
  skipped: number;
}

async function play(arena: Arena, backEnd: BackEnd, scene: HostileScript['scene'], trials: Trials): Promise<void> {
  const { verdicts, skipped } = await playScene(arena, backEnd, scene);
  if (skipped !== null) {
    print(`${backEnd}, ${scene}: skipped, ${skipped}`);
    trials.skipped += 1;
  }
  for (const { script, seconds, surprises } of verdicts) {
    print(`${backEnd}  ${surprises.length === 0 ? 'as told ' : 'SURPRISE'}  ${seconds.toFixed(1)} s  ${script.name}`);
    for (const surprise of surprises) print(`    ${surprise}`);
    trials.surprises += surprises.length;
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

void main();
