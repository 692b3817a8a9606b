import { parallelOf } from '../domain/run-spec';
import type { RunSpec } from '../domain/run-spec';
import { counted } from '../domain/format';
import { isWrittenOffline } from '../report/writers';
import type { Isolations } from '../sandbox/isolation/choose-isolation';
import { keptDirectory } from '../sandbox/kept-attempts';
import { scriptNeeds } from '../sandbox/script-needs';
import type { CommandContext } from './command-context';

import { isolationLines, notHiddenLines } from './isolation-words';
import type { RunRequest } from './request';
import { serverLines } from './server-lines';
import type { Session } from './session';
import { labelled, takenForLines } from './task-lines';

export interface RunHeader {
  readonly context: CommandContext;
  readonly request: RunRequest;
  readonly session: Session;
  readonly runId: string;
  readonly isNew: boolean;
  readonly isolations: Isolations;
}

/** What runs, where, and by whom; the first line says when no language model does. */
export function headerLines({ context, request, session, runId, isNew, isolations }: RunHeader): string[] {
  const { task, models, spec } = request;
  const { settings } = context;
  const { server, address } = session.resolved;
  const { network } = scriptNeeds({ request: spec, task });
  return [
    ...originLines(spec),
    ...(isWrittenOffline({ models, request: spec })
      ? ['No language model is named: the offline model writes the scripts (name one with --model or COPPICE_MODEL).']
      : []),
    `run        ${runId}${isNew ? '' : ' (goes on where it was)'}`,
    `task       ${task.name}: ${task.metric} (${task.direction}), ${counted(spec.steps, 'step')}, ${parallelOf(spec)} at once`,
    ...takenForLines(task),
    ...labelled('isolation', [
      ...isolationLines(isolations, spec.isolation, network),
      ...notHiddenLines(isolations, spec, task),
    ]),
    `files      ${settings.store}/${runId}`,
    ...(spec.keep ? [`kept       ${keptDirectory(settings.home, runId)} (working directories of scripts)`] : []),
    ...(server === null ? [`server     ${address}`] : serverLines(server)),
    `look       coppice status ${runId} | tree ${runId} | logs ${runId} NODE`,
    `steer      coppice pause ${runId} | stop ${runId}${spec.replay === undefined ? ` | extend ${runId} --steps +20` : ''}`,
    '',
  ];
}

/** What a run starts from, where it is another run. */
function originLines({ fork, replay }: RunSpec): string[] {
  return [
    ...(replay === undefined ? [] : [`replay of ${replay}: no model is called`]),
    ...(fork === undefined ? [] : [`fork of ${fork.run}: takes over everything up to the record of node ${fork.node}`]),
  ];
}
