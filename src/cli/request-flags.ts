import type { Command } from 'commander';
import { Option } from 'commander';
import { parseNumber, parseTime } from './parse-flags';

/** The flags of `run` and `start`, as commander gives them. */
export interface RequestFlags {
  readonly data?: string;
  readonly goal?: string;
  readonly metric?: string;
  readonly direction?: 'maximize' | 'minimize';
  readonly target?: string;
  readonly id?: string;
  readonly train?: string;
  readonly test?: string;
  readonly sample?: string;
  readonly samples?: boolean;
  readonly steps?: number;
  readonly parallel?: number;
  readonly slots?: number;
  readonly model?: string;
  readonly models?: string;
  readonly reviewModel?: string;
  readonly seed?: number;
  readonly timeLimit?: string;
  readonly deadline?: string;
  readonly scriptTimeout?: string;
  readonly maxTokens?: number;
  readonly maxCost?: number;
  readonly prompts?: string;
  readonly targetScore?: number;
  readonly patience?: number;
  readonly evaluation?: string;
  readonly isolation?: string;
  readonly network?: string;
  readonly keep?: true;
  readonly maxDisk?: string;
  readonly notifyCommand?: string;
  readonly notifyWebhook?: string;
  readonly notifyOn?: string;
  readonly runId?: string;
  readonly address?: string;
}

/** The flags of a search of a task. */
export function addRequestFlags(command: Command): Command {
  const described = command
    .argument('[task]', 'directory with a task.yaml or a description.md, or that file')
    .option('--data <dir>', 'data of a task without a directory of its own')
    .option('--goal <text>', 'what is to be done with the data')
    .option('--metric <name>', 'what is measured')
    .addOption(
      new Option('--direction <direction>', 'for a metric that coppice does not know').choices([
        'maximize',
        'minimize',
      ]),
    )
    .option('--target <column>', 'column to predict')
    .option('--id <column>', 'column that identifies a row')
    .option('--train <file>', 'table to learn from, below the data directory')
    .option('--test <file>', 'table with the rows to predict')
    .option('--sample <file>', 'sample submission')
    .option('--no-samples', 'keep values of cells of the data out of prompts')
    .option('--steps <n>', 'nodes to make (default: 20)', parseNumber)
    .option('--model <name>', 'model that writes and reviews (default: COPPICE_MODEL, else the offline model)')
    .option('--seed <n>', 'seed of all decisions (default: drawn)', parseNumber)
    .addOption(
      new Option('--evaluation <kind>', 'how scripts are scored (default: auto)').choices([
        'auto',
        'reported',
        'holdout',
        'command',
      ]),
    )
    .addOption(new Option('--network <switch>', 'whether scripts reach the network').choices(['off', 'on']));
  return addSearchFlags(described);
}

/** The flags of a search that takes over another run; what is left out is as that run had it. */
export function addForkFlags(command: Command): Command {
  const described = command
    .option('--steps <n>', 'nodes in all, with those taken over (default: as the other run)', parseNumber)
    .option('--model <name>', 'model that writes and reviews (default: as the other run)')
    .option('--seed <n>', 'seed of all decisions (default: as the other run)', parseNumber);
  return addSearchFlags(described);
}

function addSearchFlags(command: Command): Command {
  return command
    .option('--parallel <n>', 'nodes in the making at once (default: the slots)', parseNumber)
    .option('--review-model <name>', 'model that reviews')
    .option('--models <file>', 'YAML file with models by role, see docs/models.md')
    .option('--time-limit <duration>', 'working time of the run, such as 90m or 2h')
    .option('--deadline <time>', 'absolute end, such as 2026-11-30T18:00', parseTime)
    .option('--script-timeout <duration>', 'longest time a script may run (default: 1h)')
    .option('--max-tokens <n>', 'tokens that all model calls together may use', parseNumber)
    .option('--max-cost <usd>', 'US dollars that all model calls together may cost', parseNumber)
    .option('--prompts <dir>', "prompt templates in place of coppice's own")
    .option('--target-score <number>', 'stop at this score', parseNumber)
    .option('--patience <n>', 'stop after this many nodes without an improvement', parseNumber)
    .addOption(
      new Option('--isolation <kind>', 'what keeps scripts apart (default: auto)').choices([
        'auto',
        'bubblewrap',
        'process',
      ]),
    )
    .option('--keep', 'keep the working directories of scripts below COPPICE_HOME, see docs/disks-and-keys.md')
    .option('--max-disk <size>', 'disk that the run may fill, such as 50GB; past it the run pauses')
    .option('--notify-command <command>', 'tells of the run: gets each event as JSON on its input (run by sh -c)')
    .option('--notify-webhook <url>', 'tells of the run: gets each event as JSON by POST')
    .option('--notify-on <events>', 'of what to tell: new_best,paused,failed,finished (default: all of them)')
    .option('--run-id <id>', 'name of the run (default: the unfinished run of this request, else <task>-<n>)');
}
