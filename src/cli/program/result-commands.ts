import type { AddCommands, JsonFlag } from './shared-flags';
import { JSON_FLAG, RUN_ARGUMENT } from './shared-flags';

export const addResultCommands: AddCommands = (program, context, exitWith) => {
  program
    .command('submit')
    .description('write the predictions of a node to a file, checked, for handing in')
    .argument(...RUN_ARGUMENT)
    .argument('[node]', "node id (default: the run's answer)")
    .requiredOption('--out <file>', 'file to write')
    .option('--force', 'replace the file when it is there')
    .option(...JSON_FLAG)
    .action(async (run: string, node: string | undefined, flags: JsonFlag & { readonly out: string; force?: true }) => {
      const { submitRun } = await import('../commands/submit.js');
      const { out, force = false, json = false } = flags;
      exitWith(await submitRun(context, run, node, { out, force, json }));
    });
  program
    .command('compare')
    .description('the best scores of runs at equal nodes, hours and cost')
    .argument('<run...>', 'two run ids or more')
    .option(...JSON_FLAG)
    .action(async (runs: string[], flags: JsonFlag) => {
      const { compareRuns } = await import('../commands/compare.js');
      exitWith(await compareRuns(context, runs, { json: flags.json ?? false }));
    });
};
