import path from 'node:path';
import { PACKAGE_DIRECTORY } from '../../workers/settings';
import type { CommandContext } from '../command-context';
import { ExitCode } from '../exit-code';
import type { Service } from '../service/service';
import { launchdFile } from '../service/launchd-file';
import { systemdUnit } from '../service/systemd-unit';

export type ServiceFormat = 'systemd' | 'launchd';

export interface ServiceFlags {
  readonly format?: ServiceFormat;
  readonly slots?: number;
}

/** Settings that a service would not find in its own, bare environment. */
const KEPT_VARIABLE = /^(COPPICE_(HOME|STORE|TASKS|GRADE|LEASES|PRICES|ENV_FILE|SERVER_PORT)|TEMPORAL_[A-Z_]+|TZ)$/;
/** What may stand in no file: the worker reads keys from `.env`. */
const SECRET_VARIABLE = /(KEY|TOKEN|SECRET|PASSWORD|DATA)(?!.*_PATH$)/;

/** Prints a service that keeps a worker running, also after a reboot: what is unfinished then goes on. */
export function printService(context: CommandContext, flags: ServiceFlags): ExitCode {
  const format = flags.format ?? (process.platform === 'darwin' ? 'launchd' : 'systemd');
  const service = describeService(context, flags.slots);
  const { text, steps } = format === 'systemd' ? systemdUnit(service) : launchdFile(service);
  context.print(text.trimEnd());
  for (const step of steps) context.note(step);
  return ExitCode.done;
}

function describeService({ settings }: CommandContext, slots: number | undefined): Service {
  const { home, store, tasks, environment } = settings;
  const kept = Object.entries(environment).flatMap(([name, value]) =>
    value !== undefined && KEPT_VARIABLE.test(name) && !SECRET_VARIABLE.test(name) ? [[name, value] as const] : [],
  );
  return {
    command: [
      process.execPath,
      path.join(PACKAGE_DIRECTORY, 'bin', 'coppice.js'),
      'worker',
      ...(slots === undefined ? [] : ['--slots', String(slots)]),
    ],
    directory: PACKAGE_DIRECTORY,
    environment: {
      ...Object.fromEntries(kept),
      COPPICE_HOME: home,
      COPPICE_STORE: store,
      COPPICE_TASKS: tasks,
      PATH: environment['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    },
    log: path.join(home, 'logs', 'service.log'),
  };
}
