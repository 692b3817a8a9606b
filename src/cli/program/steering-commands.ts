import type { ExtendFlags } from '../commands/extend';
import type { HintFlags } from '../commands/hint';
import type { InjectFlags } from '../commands/inject';
import type { NoteFlags } from '../commands/note';
import type { PruneFlags } from '../commands/prune';
import type { Steering } from '../commands/steer';
import { parseCount } from '../parse-flags';
import type { AddCommands } from './shared-flags';
import { RUN_ARGUMENT, NODE_ARGUMENT, ADDRESS_FLAG, JSON_FLAG } from './shared-flags';

export const addSteeringCommands: AddCommands = (program, context, exitWith) => {
  const steer = async (steering: Steering, run: string, flags: { address?: string }): Promise<void> => {
    const { steerRun } = await import('../commands/steer.js');
    exitWith(await steerRun(context, steering, run, flags));
  };
  program
    .command('pause')
    .description('dispatch nothing new; running scripts finish')
    .argument(...RUN_ARGUMENT)
    .option('--now', 'end running scripts, too; they run again from their beginning after the pause')
    .option(...ADDRESS_FLAG)
    .action((run: string, { now, ...flags }: { now?: true; address?: string }) =>
      steer({ verb: 'pause', now: now ?? false }, run, flags),
    );
  program
    .command('resume')
    .description('go on after a pause, or with a run that was interrupted')
    .argument(...RUN_ARGUMENT)
    .option(...ADDRESS_FLAG)
    .action((run: string, flags: { address?: string }) => steer({ verb: 'resume' }, run, flags));
  program
    .command('stop')
    .description('end running scripts and the run, with its report')
    .argument(...RUN_ARGUMENT)
    .option('--drain', 'finish and record what is under way first')
    .option(...ADDRESS_FLAG)
    .action((run: string, { drain, ...flags }: { drain?: true; address?: string }) =>
      steer({ verb: 'stop', drain: drain ?? false }, run, flags),
    );
  program
    .command('cancel')
    .description('end running scripts and give the run up, with a report')
    .argument(...RUN_ARGUMENT)
    .option(...ADDRESS_FLAG)
    .action((run: string, flags: { address?: string }) => steer({ verb: 'cancel' }, run, flags));
  program
    .command('extend')
    .description('give a run more steps, time, tokens, money or disk; one that is over goes on')
    .argument(...RUN_ARGUMENT)
    .option('--steps <+n>', 'steps to add, such as +20')
    .option('--time <+duration>', 'working time to add, such as +2h')
    .option('--tokens <+n>', 'tokens to add to the cap, such as +200000')
    .option('--cost <+usd>', 'US dollars to add to the cap, such as +5')
    .option('--disk <+size>', 'disk to add to the cap, such as +20GB')
    .option(...ADDRESS_FLAG)
    .action(async (run: string, flags: ExtendFlags) => {
      const { extendRun } = await import('../commands/extend.js');
      exitWith(await extendRun(context, run, flags));
    });
  program
    .command('hint')
    .description('tell the models something from now on; without a text, list what they were told')
    .argument(...RUN_ARGUMENT)
    .argument('[text...]', 'the hint')
    .option('--node <id>', 'only for what is made from this node and from what descends from it', parseCount)
    .option('--withdraw <number>', 'take a hint back', parseCount)
    .option(...JSON_FLAG)
    .option(...ADDRESS_FLAG)
    .action(async (run: string, words: string[], flags: HintFlags) => {
      const { hintRun } = await import('../commands/hint.js');
      exitWith(await hintRun(context, run, words, flags));
    });
  program
    .command('inject')
    .description('bring a script of your own into a run, where it is run and scored like any other')
    .argument(...RUN_ARGUMENT)
    .argument('<file>', 'the Python script')
    .option('--title <text>', 'what it is, in one line (default: the first line of its docstring or comment)')
    .option('--parent <id>', 'the node that it is a change of (default: none, it is a root of its own)', parseCount)
    .option(...JSON_FLAG)
    .option(...ADDRESS_FLAG)
    .action(async (run: string, file: string, flags: InjectFlags) => {
      const { injectScript } = await import('../commands/inject.js');
      exitWith(await injectScript(context, run, file, flags));
    });
  program
    .command('prune')
    .description('take a node with all that descends from it out of selection and best')
    .argument(...RUN_ARGUMENT)
    .argument('<node>', 'node id', parseCount)
    .option('--undo', 'take the pruning back')
    .option(...ADDRESS_FLAG)
    .action(async (run: string, node: number, flags: PruneFlags) => {
      const { pruneNode } = await import('../commands/prune.js');
      exitWith(await pruneNode(context, run, node, flags));
    });
  program
    .command('note')
    .description('note what you found out about a node elsewhere; the search makes no use of it')
    .argument(...RUN_ARGUMENT)
    .argument(...NODE_ARGUMENT)
    .option('--score <name=value...>', 'a score such as public=0.83; public=none takes it away')
    .option('--text <text>', 'words')
    .option(...JSON_FLAG)
    .option(...ADDRESS_FLAG)
    .action(async (run: string, node: string, flags: NoteFlags) => {
      const { noteNode } = await import('../commands/note.js');
      exitWith(await noteNode(context, run, node, flags));
    });
};
