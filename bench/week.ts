/* `npm run bench:week [-- --nodes N --down SECONDS --kills N --seed N]`: a week in miniature. Default: 300, 120, 12, random. */
import { parseArgs } from 'node:util';
import { expectWeek, liveThroughAWeek, openWeekScene, type Week, type WeekSettings } from '../test/recovery/week';

const HELP = `Usage: npm run bench:week -- [options]

One run against a model server that fails in every way at random and goes away twice, with workers killed at random.

  --nodes N    nodes of the run (default: 300)
  --down S     seconds for which the model server is away, twice (default: 120)
  --kills N    kills of a worker (default: 12)
  --seed N     repeats the faults and kills of an earlier time (default: random)
  --impatient  resume the run also when it waits for its model; without, it looks again by itself
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      nodes: { type: 'string', default: '300' },
      down: { type: 'string', default: '120' },
      kills: { type: 'string', default: '12' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 1e6)) },
      impatient: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const settings: WeekSettings = {
    runId: 'week',
    seed: Number(values.seed),
    nodes: Number(values.nodes),
    downSeconds: Number(values.down),
    downs: 2,
    kills: Number(values.kills),
    impatient: values.impatient,
    patienceSeconds: 4 * 3600,
    print,
  };
  print(`${settings.nodes} nodes, seed ${settings.seed}`);
  const scene = await openWeekScene(settings.seed);
  try {
    const week = await liveThroughAWeek(scene, settings);
    printWeek(week);
    await expectWeek(scene, settings, week);
    print('every node is recorded once, as it was decided; nothing stored was bought again');
  } finally {
    await scene.close();
  }
}

function printWeek({
  run,
  seconds,
  faults,
  requests,
  openAtKills,
  pauses,
  downs,
  duplicates,
  boughtAgain,
  lost,
}: Week): void {
  const failed = run.nodes.filter(({ status }) => status === 'failed');
  const total = [...faults.values()].reduce((sum, count) => sum + count, 0);
  print('');
  for (const [fault, count] of [...faults].sort(([left], [right]) => left.localeCompare(right))) {
    print(`${String(count).padStart(6)}  ${fault}`);
  }
  print(`${String(total).padStart(6)}  faults in ${requests} requests`);
  print(`${String(run.nodes.length).padStart(6)}  nodes, ${failed.length} of them failed (${reasons(failed)})`);
  print(
    `${String(openAtKills.length).padStart(6)}  kills, with ${openAtKills.flat().length} calls open, of which ${lost} never ended`,
  );
  print(`${String(downs).padStart(6)}  times the server was away`);
  for (const [reason, count] of pauses) print(`${String(count).padStart(6)}  pauses (${reason})`);
  print(`${String(boughtAgain).padStart(6)}  answers bought again because a kill had lost them`);
  print(`${String(duplicates.length).padStart(6)}  stored answers bought again`);
  print(`${String(run.state?.usage.calls ?? 0).padStart(6)}  billed calls in the run's figures`);
  print(`${Math.round(seconds).toString().padStart(6)}  seconds`);
}

function reasons(nodes: readonly { readonly reason: string | null }[]): string {
  const counts = new Map<string, number>();
  for (const { reason } of nodes) counts.set(reason ?? '', (counts.get(reason ?? '') ?? 0) + 1);
  return [...counts].map(([reason, count]) => `${reason} ${count}`).join(', ');
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
