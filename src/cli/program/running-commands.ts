import { Option } from 'commander';
import type { WorkerRole } from '../../workers/create-workers';
import { withPlainLines } from '../command-context';
import { parseCount } from '../parse-flags';
import { addForkFlags, addRequestFlags } from '../request-flags';
import type { CleanFlags } from '../commands/clean';
import type { RunFlags } from '../commands/run-command';
import type { ServiceFlags } from '../commands/service';
import type { StartFlags } from '../commands/start';
import type { ForkFlags, ReplayFlags } from '../source-request';
import type { AddCommands, JsonFlag, PlainFlag } from './shared-flags';
import { RUN_ARGUMENT, JSON_FLAG, SLOTS_FLAG, ADDRESS_FLAG, PLAIN_FLAG } from './shared-flags';
import { withEnvironmentFiles } from '../with-environment-files';

const DRY_RUN_FLAG = [
  '--dry-run',
  'show spec, evaluation, isolation, data, first prompt and an estimate of the cost; start nothing',
] as const;

export const addRunningCommands: AddCommands = (program, context, exitWith) => {
  addRequestFlags(program.command('run').description('search in the foreground, with a worker of its own'))
    .option(...SLOTS_FLAG)
    .option(...ADDRESS_FLAG)
    .option('--detach', 'work in the background, also when the terminal is closed')
    .option('--stay', 'stay when the run pauses itself, and go on with it when it can')
    .option(...DRY_RUN_FLAG)
    .option(...JSON_FLAG)
    .option(...PLAIN_FLAG)
    .action(async (task: string | undefined, flags: RunFlags & PlainFlag) => {
      const { runCommand } = await import('../commands/run-command.js');
      exitWith(await runCommand(withPlainLines(withEnvironmentFiles(context), flags.plain), task, flags));
    });
  addRequestFlags(program.command('start').description('launch a run and leave it to the workers'))
    .option(...ADDRESS_FLAG)
    .option(...DRY_RUN_FLAG)
    .option(...JSON_FLAG)
    .action(async (task: string | undefined, flags: StartFlags) => {
      const { startRun } = await import('../commands/start.js');
      exitWith(await startRun(withEnvironmentFiles(context), task, flags));
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
    .option(...PLAIN_FLAG)
    .action(async (run: string, node: string, flags: ForkFlags & PlainFlag) => {
      const { forkRun } = await import('../commands/fork.js');
      exitWith(await forkRun(withPlainLines(withEnvironmentFiles(context), flags.plain), run, node, flags));
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
    .option(...PLAIN_FLAG)
    .action(async (run: string, flags: ReplayFlags & JsonFlag & PlainFlag) => {
      const { replayRun } = await import('../commands/replay.js');
      const shownOn = withPlainLines(withEnvironmentFiles(context), flags.plain);
      exitWith(await replayRun(shownOn, run, { ...flags, json: flags.json ?? false }));
    });
  program
    .command('worker')
    .description('work on the runs of a server until interrupted')
    .addOption(new Option('--role <role>', 'what it does').choices(['all', 'search', 'exec', 'grade']).default('all'))
    .option(...SLOTS_FLAG)
    .option(...ADDRESS_FLAG)
    .action(async (flags: { role: WorkerRole; slots?: number; address?: string }) => {
      const { runWorker } = await import('../commands/worker.js');
      exitWith(await runWorker(withEnvironmentFiles(context), flags));
    });
  program
    .command('service')
    .description('print a service file that keeps a worker running, so that unfinished runs go on after a reboot')
    .addOption(new Option('--format <name>', 'of what (default: what this system has)').choices(['systemd', 'launchd']))
    .option(...SLOTS_FLAG)
    .action(async (flags: ServiceFlags) => {
      const { printService } = await import('../commands/service.js');
      exitWith(printService(context, flags));
    });
  const server = program
    .command('server')
    .description('start the embedded Temporal server, which then stays; or say where it runs')
    .option('--port <n>', 'port for it (default: 7233, or the next free one)', parseCount)
    .action(async (flags: { port?: number }) => {
      const { startServer } = await import('../commands/server.js');
      exitWith(await startServer(context, flags));
    });
  server
    .command('stop')
    .description('end the embedded server; unfinished runs stay on disk')
    .action(async () => {
      const { endServer } = await import('../commands/server.js');
      exitWith(await endServer(context));
    });
  program
    .command('clean')
    .description('remove what runs that are over can do without')
    .argument('[run]', 'run id; else --all')
    .option('--all', 'every run that is over')
    .option('--older-than <duration>', 'only runs that ended this long ago, such as 30d')
    .option('--everything', 'delete the runs as a whole, with their results')
    .option('--force', 'also a run that is not over')
    .option('--dry-run', 'only say what would be removed')
    .option('--yes', 'do not ask before --everything')
    .option(...JSON_FLAG)
    .action(async (run: string | undefined, flags: CleanFlags) => {
      const { cleanRuns } = await import('../commands/clean.js');
      exitWith(await cleanRuns(context, run, flags));
    });
  program
    .command('doctor')
    .description('check everything coppice needs')
    .option(...JSON_FLAG)
    .action(async (flags: JsonFlag) => {
      const { diagnose } = await import('../commands/doctor.js');
      exitWith(await diagnose(context, { json: flags.json ?? false }));
    });
};
