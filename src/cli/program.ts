import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Command, Option } from 'commander';
import { z } from 'zod';
import type { WorkerRole } from '../workers/create-workers';
import { PACKAGE_DIRECTORY } from '../workers/settings';
import type { CommandContext } from './command-context';
import type { ExtendFlags } from './commands/extend';
import type { ExitCode } from './exit-code';
import { parseCount } from './parse-flags';
import { addForkFlags, addRequestFlags } from './request-flags';
import type { RequestFlags } from './request-flags';
import type { ForkFlags, ReplayFlags } from './source-request';

interface JsonFlag {
  readonly json?: true;
}

const RUN_ARGUMENT = ['<run>', 'run id'] as const;
const NODE_ARGUMENT = ['<node>', 'node id'] as const;
const JSON_FLAG = ['--json', 'print JSON of a stable, documented shape'] as const;
const SLOTS_FLAG = ['--slots <n>', 'scripts this machine runs at once (default: half the cores)', parseCount] as const;
const ADDRESS_FLAG = ['--address <host:port>', 'another Temporal server than the embedded one'] as const;

/**
 * The coppice command. Each subcommand loads its own code only when it is called, so that asking for the version, or
 * reading files, loads nothing of Temporal.
 *
 * @param exitWith takes the exit status of the subcommand
 */
export function createProgram(context: CommandContext, exitWith: (exitCode: ExitCode) => void): Command {
  const program = new Command('coppice')
    .description('A machine-learning engineer that does not die: a durable tree search over ML scripts.')
    .version(readVersion())
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(`coppice: ${errorLine(text)}\n`) })
    .showHelpAfterError(false);
  addRunningCommands(program, context, exitWith);
  addReadingCommands(program, context, exitWith);
  addSteeringCommands(program, context, exitWith);
  return program;
}

type AddCommands = (program: Command, context: CommandContext, exitWith: (exitCode: ExitCode) => void) => void;

const addRunningCommands: AddCommands = (program, context, exitWith) => {
  addRequestFlags(program.command('run').description('search in the foreground, with a worker of its own'))
    .option(...SLOTS_FLAG)
    .option(...ADDRESS_FLAG)
    .action(async (task: string | undefined, flags: RequestFlags) => {
      const { runInForeground } = await import('./commands/run.js');
      exitWith(await runInForeground(context, task, flags));
    });
  addRequestFlags(program.command('start').description('launch a run and leave it to the workers'))
    .option(...ADDRESS_FLAG)
    .option(...JSON_FLAG)
    .action(async (task: string | undefined, flags: RequestFlags & JsonFlag) => {
      const { startRun } = await import('./commands/start.js');
      exitWith(await startRun(context, task, flags));
    });
  addForkFlags(
    program
      .command('fork')
      .description('begin a run that takes over another one up to a node, and search on in the foreground')
      .argument(...RUN_ARGUMENT)
      .argument('<node>', 'the last node to take over'),
  )
    .option(...SLOTS_FLAG)
    .option(...ADDRESS_FLAG)
    .action(async (run: string, node: string, flags: ForkFlags) => {
      const { forkRun } = await import('./commands/fork.js');
      exitWith(await forkRun(context, run, node, flags));
    });
  program
    .command('replay')
    .description('run the scripts of a run again without any model, and tell whose scores differ')
    .argument(...RUN_ARGUMENT)
    .option('--parallel <n>', 'scripts at once (default: the slots)', parseCount)
    .option('--run-id <id>', 'name of the replay (default: the unfinished one of this run, else <task>-<n>)')
    .option(...SLOTS_FLAG)
    .option(...ADDRESS_FLAG)
    .option(...JSON_FLAG)
    .action(async (run: string, flags: ReplayFlags & JsonFlag) => {
      const { replayRun } = await import('./commands/replay.js');
      exitWith(await replayRun(context, run, { ...flags, json: flags.json ?? false }));
    });
  program
    .command('worker')
    .description('work on the runs of a server until interrupted')
    .addOption(new Option('--role <role>', 'what it does').choices(['all', 'search', 'exec', 'grade']).default('all'))
    .option(...SLOTS_FLAG)
    .option(...ADDRESS_FLAG)
    .action(async (flags: { role: WorkerRole; slots?: number; address?: string }) => {
      const { runWorker } = await import('./commands/worker.js');
      exitWith(await runWorker(context, flags));
    });
  const server = program
    .command('server')
    .description('start the embedded Temporal server, which then stays; or say where it runs')
    .option('--port <n>', 'port for it (default: 7233, or the next free one)', parseCount)
    .action(async (flags: { port?: number }) => {
      const { startServer } = await import('./commands/server.js');
      exitWith(await startServer(context, flags));
    });
  server
    .command('stop')
    .description('end the embedded server; unfinished runs stay on disk')
    .action(async () => {
      const { endServer } = await import('./commands/server.js');
      exitWith(await endServer(context));
    });
  program
    .command('doctor')
    .description('check everything coppice needs')
    .option(...JSON_FLAG)
    .action(async (flags: JsonFlag) => {
      const { diagnose } = await import('./commands/doctor.js');
      exitWith(await diagnose(context, { json: flags.json ?? false }));
    });
};

const addReadingCommands: AddCommands = (program, context, exitWith) => {
  program
    .command('list')
    .description('the runs in the store')
    .option(...JSON_FLAG)
    .action(async (flags: JsonFlag) => {
      const { listRuns } = await import('./commands/list.js');
      exitWith(await listRuns(context, { json: flags.json ?? false }));
    });
  program
    .command('status')
    .description('where a run stands')
    .argument(...RUN_ARGUMENT)
    .option(...JSON_FLAG)
    .action(async (run: string, flags: JsonFlag) => {
      const { showStatus } = await import('./commands/status.js');
      exitWith(await showStatus(context, run, { json: flags.json ?? false }));
    });
  program
    .command('tree')
    .description('the tree of a run')
    .argument(...RUN_ARGUMENT)
    .option(...JSON_FLAG)
    .action(async (run: string, flags: JsonFlag) => {
      const { showTree } = await import('./commands/tree.js');
      exitWith(await showTree(context, run, { json: flags.json ?? false }));
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
        const { showPrompt } = await import('./commands/show-prompt.js');
        exitWith(await showPrompt(context, run, node, { json }));
        return;
      }
      const { showNode } = await import('./commands/show.js');
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
      const { diffNodes } = await import('./commands/diff.js');
      const json = flags.json ?? false;
      exitWith(
        await diffNodes(context, run, node, other, { json, prompt: flags.prompt ?? false, coloured: hasColours() }),
      );
    });
  program
    .command('logs')
    .description("a script's output, also while it runs")
    .argument(...RUN_ARGUMENT)
    .argument(...NODE_ARGUMENT)
    .option(...JSON_FLAG)
    .action(async (run: string, node: string, flags: JsonFlag) => {
      const { showLogs } = await import('./commands/logs.js');
      exitWith(await showLogs(context, run, node, { json: flags.json ?? false }));
    });
  program
    .command('report')
    .description('make the report of a run anew and print it')
    .argument(...RUN_ARGUMENT)
    .option(...JSON_FLAG)
    .action(async (run: string, flags: JsonFlag) => {
      const { showReport } = await import('./commands/report.js');
      exitWith(await showReport(context, run, { json: flags.json ?? false }));
    });
};

const addSteeringCommands: AddCommands = (program, context, exitWith) => {
  const verbs = [
    ['pause', 'dispatch nothing new; running scripts finish'],
    ['resume', 'go on after a pause, or with a run that was interrupted'],
    ['stop', 'end running scripts and the run, with its report'],
    ['cancel', 'end running scripts and give the run up, with a report'],
  ] as const;
  for (const [verb, description] of verbs) {
    program
      .command(verb)
      .description(description)
      .argument(...RUN_ARGUMENT)
      .option(...ADDRESS_FLAG)
      .action(async (run: string, flags: { address?: string }) => {
        const { steerRun } = await import('./commands/steer.js');
        exitWith(await steerRun(context, verb, run, flags));
      });
  }
  program
    .command('extend')
    .description('give an unfinished run more steps, time, tokens or money')
    .argument(...RUN_ARGUMENT)
    .option('--steps <+n>', 'steps to add, such as +20')
    .option('--time <+duration>', 'working time to add, such as +2h')
    .option('--tokens <+n>', 'tokens to add to the cap, such as +200000')
    .option('--cost <+usd>', 'US dollars to add to the cap, such as +5')
    .option(...ADDRESS_FLAG)
    .action(async (run: string, flags: ExtendFlags) => {
      const { extendRun } = await import('./commands/extend.js');
      exitWith(await extendRun(context, run, flags));
    });
};

/** See https://no-color.org. */
function hasColours(): boolean {
  return process.stdout.isTTY && !process.env['NO_COLOR'];
}

function readVersion(): string {
  const text = readFileSync(path.join(PACKAGE_DIRECTORY, 'package.json'), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}

function errorLine(text: string): string {
  return text
    .replace(/^error: /, '')
    .replace(/\s+/g, ' ')
    .trim();
}
