/* `npm run bench:faults [-- WORD]`: what coppice makes of faults of model servers; with WORD only those that name it. */
import { CALL_FAULTS } from '../test/faults/call-faults';
import type { Fault } from '../test/faults/fault';
import { FaultScene } from '../test/faults/fault-scene';
import { runFault, type FaultReport } from '../test/faults/run-fault';
import { SERVER_FAULTS } from '../test/faults/server-faults';

/** Runs at once. */
const AT_ONCE = 8;

/** How long the servers are watched when all runs are over, in milliseconds: longer than any client waits to retry. */
const QUIET_MS = 5000;

/** Nothing happens; also teaches the client what the shared server can do, so that no fault is put down to a lack. */
const NO_FAULT: Fault = { name: '(answers well)', expected: { moreRequests: 0 } };

async function main(): Promise<void> {
  const word = process.argv[2] ?? '';
  const faults = [...CALL_FAULTS, ...SERVER_FAULTS].filter(({ name }) => name.includes(word));
  const startedAt = Date.now();
  const scene = await FaultScene.open(faults);
  try {
    const calm = await runFault(scene, NO_FAULT, 'no-fault');
    const reports = [calm, ...(await runAll(scene, faults))];
    await scene.expectQuiet(new Map(reports.map(({ runId, requests }) => [runId, requests])), QUIET_MS);
    print(table(reports));
    const bad = reports.filter(({ problems }) => problems.length > 0);
    for (const { fault, problems } of bad) print(`\nA server that ${fault.name}:\n  ${problems.join('\n  ')}`);
    const seconds = Math.round((Date.now() - startedAt) / 1000);
    print(`\n${faults.length} faults in ${seconds} s: ${faults.length - bad.length} met as they should be`);
    if (bad.length > 0) process.exitCode = 1;
    else print('no run wedged or asked anything after its end; nothing stored was bought again; all tokens agree');
  } finally {
    await scene.close();
  }
}

async function runAll(scene: FaultScene, faults: readonly Fault[]): Promise<FaultReport[]> {
  const reports: FaultReport[] = [];
  const left = [...faults.entries()];
  const work = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [index, fault] = next;
      reports[index] = await runFault(scene, fault, `fault-${index + 1}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return reports;
}

function table(reports: readonly FaultReport[]): string {
  const rows = [
    ['a model server that …', 'coppice', 'requests', 'seconds'],
    ...reports.map(({ fault, did, requests, secondsLost, problems }) => [
      fault.name,
      `${problems.length === 0 ? '' : '✗ '}${did}`,
      String(requests),
      secondsLost.toFixed(1),
    ]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
