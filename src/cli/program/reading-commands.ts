import { withPlainLines } from '../command-context';
import { parseCount } from '../parse-flags';
import type { AddCommands, JsonFlag, PlainFlag } from './shared-flags';
import { RUN_ARGUMENT, NODE_ARGUMENT, JSON_FLAG, PLAIN_FLAG, ADDRESS_FLAG } from './shared-flags';

export const addReadingCommands: AddCommands = (program, context, exitWith) => {
  program
    .command('list')
    .description('the runs in the store')
    .option(...JSON_FLAG)
    .action(async (flags: JsonFlag) => {
      const { listRuns } = await import('../commands/list.js');
      exitWith(await listRuns(context, { json: flags.json ?? false }));
    });
  program
    .command('status')
    .description('where a run stands')
    .argument(...RUN_ARGUMENT)
    .option(...JSON_FLAG)
    .action(async (run: string, flags: JsonFlag) => {
      const { showStatus } = await import('../commands/status.js');
      exitWith(await showStatus(context, run, { json: flags.json ?? false }));
    });
  program
    .command('tree')
    .description('the tree of a run')
    .argument(...RUN_ARGUMENT)
    .option('--all', 'every node, also on a terminal, where a large tree is folded to its height otherwise')
    .option('--depth <n>', 'only so many generations, drafts being the first', parseCount)
    .option(...JSON_FLAG)
    .action(async (run: string, flags: JsonFlag & { all?: true; depth?: number }) => {
      const { showTree } = await import('../commands/tree.js');
      const { all = false, depth = null } = flags;
      exitWith(await showTree(context, run, { json: flags.json ?? false, all, depth }));
    });
  program
    .command('watch')
    .description('show a run live until it is over: on a terminal as a view that redraws itself, else line by line')
    .argument(...RUN_ARGUMENT)
    .option(...ADDRESS_FLAG)
    .option(...PLAIN_FLAG)
    .option('--json', 'a line with the JSON of `status` whenever that changes')
    .action(async (run: string, flags: JsonFlag & PlainFlag & { address?: string }) => {
      const { watchRun } = await import('../commands/watch.js');
      const { address, json = false } = flags;
      exitWith(await watchRun(withPlainLines(context, flags.plain), run, { address, json }));
    });
  program
    .command('show')
    .description('all about a node: outcome, plan, code, output; or what its models were asked')
    .argument(...RUN_ARGUMENT)
    .argument(...NODE_ARGUMENT)
    .option('--prompt', 'every call of the node instead: prompt and answer, times, tokens and cost')
    .option(...JSON_FLAG)
    .action(async (run: string, node: string, flags: JsonFlag & { prompt?: true }) => {
      const json = flags.json ?? false;
      if (flags.prompt) {
        const { showPrompt } = await import('../commands/show-prompt.js');
        exitWith(await showPrompt(context, run, node, { json }));
        return;
      }
      const { showNode } = await import('../commands/show.js');
      exitWith(await showNode(context, run, node, { json }));
    });
  program
    .command('diff')
    .description('what differs between two nodes, in plan and script')
    .argument(...RUN_ARGUMENT)
    .argument(...NODE_ARGUMENT)
    .argument('[other]', 'the node to compare it with, which then comes second (default: from its parent to it)')
    .option('--prompt', 'the first prompts of the two instead')
    .option(...JSON_FLAG)
    .action(async (run: string, node: string, other: string | undefined, flags: JsonFlag & { prompt?: true }) => {
      const { diffNodes } = await import('../commands/diff.js');
      const json = flags.json ?? false;
      exitWith(
        await diffNodes(context, run, node, other, {
          json,
          prompt: flags.prompt ?? false,
          coloured: context.terminal?.coloured ?? false,
        }),
      );
    });
  program
    .command('logs')
    .description("a script's output, also while it runs")
    .argument(...RUN_ARGUMENT)
    .argument(...NODE_ARGUMENT)
    .option('-f, --follow', 'go on until the script has ended, through its later attempts, too')
    .option('--tail <n>', 'only so many lines of the end', parseCount)
    .option(...JSON_FLAG)
    .action(async (run: string, node: string, flags: JsonFlag & { follow?: true; tail?: number }) => {
      const { showLogs } = await import('../commands/logs.js');
      const { json = false, follow = false, tail = null } = flags;
      exitWith(await showLogs(context, run, node, { json, follow, tail }));
    });
  program
    .command('report')
    .description('make the report of a run anew and print it')
    .argument(...RUN_ARGUMENT)
    .option(...JSON_FLAG)
    .action(async (run: string, flags: JsonFlag) => {
      const { showReport } = await import('../commands/report.js');
      exitWith(await showReport(context, run, { json: flags.json ?? false }));
    });
};
