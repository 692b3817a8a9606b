import { execFile } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { errorMessage } from '../../domain/error-message';
import { OFFLINE, isOffline } from '../../domain/resolved-model';
import { ModelProblem } from '../../llm/models/model-problem';
import { settleModels } from '../../llm/models/resolve-models';
import { counted } from '../../domain/format';
import { modelsInWords, pricesInWords, unpricedModels } from '../../report/model-words';
import { readServer } from '../../server/server-description';
import { formatBytes } from '../../domain/byte-size';
import { parseMinFree, readDiskSpace } from '../../store/disk-space';
import { EnvironmentFileError, readEnvironmentFiles, type EnvironmentFile } from '../../workers/environment-file';
import { readModelEndpoints, type ModelEndpoint } from '../../workers/model-endpoints';
import { PACKAGE_DIRECTORY } from '../../workers/settings';
import { openWorkerIsolations } from '../../workers/worker-isolations';
import type { CommandContext } from '../command-context';
import { ExitCode } from '../exit-code';
import type { DoctorJson } from '../json-output';
import { doctorJsonSchema } from '../json-output';
import { askLiveRuns } from '../live-run';
import { printJson } from '../print-json';
import { renderTable } from '../table';

type Row = DoctorJson['rows'][number];

const setupRowsSchema = z.array(
  z.object({
    name: z.string(),
    level: z.enum(['ok', 'warn', 'fail']),
    detail: z.string(),
    fix: z.string().nullable(),
  }),
);

const DETAIL_WIDTH = 62;
const FIX_WIDTH = 48;

/** Checks everything coppice needs and changes nothing. */
export async function diagnose(plainContext: CommandContext, options: { readonly json: boolean }): Promise<ExitCode> {
  const { context, row: filesRow } = withFiles(plainContext);
  const rows = [
    platformRow(),
    ...(await setupRows(context)),
    await storeRow(context),
    await diskRow(context),
    filesRow,
    await serverRow(context),
    await modelRow(context),
    await endpointsRow(context),
    await isolationRow(context),
  ];
  const ok = rows.every((row) => row.level !== 'fail');
  if (options.json) printJson(context, doctorJsonSchema, { ok, rows });
  else context.print(doctorTable(rows));
  return ok ? ExitCode.done : ExitCode.failed;
}

function doctorTable(rows: readonly Row[]): string {
  const cells = rows.map(({ name, level, detail, fix }) => [level, name, detail, fix ?? '']);
  return renderTable(['', 'check', 'found', 'what to do'], cells, [6, null, DETAIL_WIDTH, FIX_WIDTH]);
}

function platformRow(): Row {
  const name = 'platform';
  const detail = `${process.platform} ${process.arch}, Node ${process.versions.node}`;
  if (process.platform !== 'win32') return { name, level: 'ok', detail, fix: null };
  return { name, level: 'fail', detail, fix: 'On Windows coppice runs in WSL2: install it and clone there.' };
}

/** The checks of the set-up itself, which work before anything is installed. */
async function setupRows({ settings }: CommandContext): Promise<Row[]> {
  const script = path.join(PACKAGE_DIRECTORY, 'scripts', 'setup.mjs');
  const environment = { ...settings.environment, COPPICE_HOME: settings.home };
  const { stdout, stderr } = await runNode([script, '--check', '--json'], environment);
  const parsed = setupRowsSchema.safeParse(parseJson(stdout));
  if (parsed.success) return parsed.data;
  const detail = `its check gave no answer: ${stderr.trim().split('\n').at(-1) ?? ''}`;
  return [{ name: 'set-up', level: 'fail', detail, fix: 'Run `npm run setup`.' }];
}

/** A failed check ends with status 1, its rows printed all the same. */
function runNode(args: readonly string[], env: NodeJS.ProcessEnv): Promise<{ stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [...args], { env, maxBuffer: 16 * 1024 * 1024 }, (_error, stdout, stderr) => {
      resolve({ stdout, stderr });
    });
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Of a store that is not there yet, the directory it would be made in counts. */
async function storeRow({ settings }: CommandContext): Promise<Row> {
  const name = 'store';
  let place = settings.store;
  while (!existsSync(place)) place = path.dirname(place);
  try {
    if (!statSync(place).isDirectory()) throw new Error(`${place} is not a directory`);
    await access(place, constants.R_OK | constants.W_OK | constants.X_OK);
    return { name, level: 'ok', detail: `${settings.store} can be read and written`, fix: null };
  } catch (error) {
    const reason = errorMessage(error);
    return { name, level: 'fail', detail: reason, fix: 'Name a directory of yours by COPPICE_STORE.' };
  }
}

/** Room for the runs' files and the working directories of scripts. */
async function diskRow({ settings }: CommandContext): Promise<Row> {
  const name = 'free space';
  const text = settings.environment['COPPICE_MIN_FREE']?.trim() ?? '';
  if (text !== '' && parseMinFree(text) === null) {
    const detail = 'COPPICE_MIN_FREE is neither a size nor a share';
    return { name, level: 'fail', detail, fix: 'Give one such as 10GB or 5%, or 0 for no look at all.' };
  }
  const places = [
    ['COPPICE_STORE', settings.store],
    ['COPPICE_HOME', settings.home],
  ] as const;
  const found = await Promise.all(
    places.map(async ([variable, directory]) => {
      const { freeBytes, totalBytes } = await readDiskSpace(directory);
      return { variable, freeBytes, least: settings.minFree(totalBytes) };
    }),
  );
  const detail = found
    .map(
      ({ variable, freeBytes, least }) =>
        `${formatBytes(freeBytes)} free at ${variable}, of which ${formatBytes(least)} stay free`,
    )
    .join('; ');
  if (found.every(({ freeBytes, least }) => freeBytes >= least)) return { name, level: 'ok', detail, fix: null };
  return { name, level: 'warn', detail, fix: 'Runs pause until there is room: `coppice clean --all`, or make some.' };
}

/** What workers started here would read of environment files, and the context that they would work with. */
function withFiles(context: CommandContext): { readonly context: CommandContext; readonly row: Row } {
  const name = 'environment files';
  const { settings, workingDirectory } = context;
  try {
    const { environment, files } = readEnvironmentFiles(settings.environment, workingDirectory, settings.home);
    const detail =
      files.length === 0 ? 'none: there is no .env here or in COPPICE_HOME' : files.map(fileInWords).join('; ');
    const ignored = files.flatMap((file) => file.ignored);
    const row: Row =
      ignored.length === 0
        ? { name, level: 'ok', detail, fix: null }
        : { name, level: 'warn', detail, fix: `Set ${ignored.join(', ')} in the environment itself.` };
    return { context: { ...context, settings: { ...settings, environment, environmentFiles: files } }, row };
  } catch (error) {
    if (!(error instanceof EnvironmentFileError)) throw error;
    return { context, row: { name, level: 'fail', detail: error.message, fix: 'Mend COPPICE_ENV_FILE or the file.' } };
  }
}

function fileInWords({ path: file, names, overruled, ignored }: EnvironmentFile): string {
  const parts = [
    [names, ''],
    [overruled, ' overruled by the environment'],
    [ignored, ' not taken from a file'],
  ] as const;
  const said = parts.flatMap(([variables, what]) => (variables.length === 0 ? [] : [`${variables.join(', ')}${what}`]));
  return `${file}: ${said.length === 0 ? 'empty' : said.join('; ')}`;
}

async function serverRow(context: CommandContext): Promise<Row> {
  const name = 'Temporal server';
  const live = await askLiveRuns(context);
  const server = await readServer(context.settings.home);
  const place = server === null ? 'the configured server' : `the embedded server at ${server.address}`;
  switch (live.server) {
    case 'absent':
      return { name, level: 'ok', detail: 'none runs; the embedded one starts on demand', fix: null };
    case 'answers':
      return {
        name,
        level: 'ok',
        detail: `${place} answers and knows ${counted(live.statuses.size, 'run')}`,
        fix: null,
      };
    case 'unreachable': {
      const fix = 'Check that it runs, and TEMPORAL_ADDRESS and TEMPORAL_PROFILE.';
      return { name, level: 'fail', detail: live.message, fix };
    }
  }
}

/** Which model works by this environment, and what it costs. */
async function modelRow({ settings }: CommandContext): Promise<Row> {
  const name = 'model';
  const resolved = await settleModels({ models: {}, limits: {} }, settings.environment);
  if (!resolved.ok) return { name, level: 'fail', detail: resolved.message, fix: null };
  const { models } = resolved;
  if (isOffline(models)) {
    const fix = 'Optional: set COPPICE_MODEL and OPENAI_API_KEY or OPENAI_BASE_URL.';
    return { name, level: 'ok', detail: 'none is named: the offline model works', fix };
  }
  const fix = unpricedModels(models).length === 0 ? null : 'Optional: name a file with prices by COPPICE_PRICES.';
  return { name, level: 'ok', detail: `${modelsInWords(models)}; ${pricesInWords(models)}`, fix };
}

/** Which endpoints a worker started here would make calls to. */
async function endpointsRow({ settings }: CommandContext): Promise<Row> {
  const name = 'endpoints';
  try {
    const { reached, keyless } = await readModelEndpoints(settings.environment);
    const named = reached.filter((endpoint) => endpoint.name !== OFFLINE).map(endpointInWords);
    const detail = named.length === 0 ? 'none: workers here call no model' : named.join('; ');
    if (keyless.length === 0) return { name, level: 'ok', detail, fix: null };
    const lacking = keyless.map((endpoint) => endpoint.name).join(', ');
    const fix = `Set ${keyless.map(({ keyVariable }) => keyVariable).join(', ')}.`;
    return { name, level: 'warn', detail: `${detail}; without their keys: ${lacking}`, fix };
  } catch (error) {
    if (!(error instanceof ModelProblem)) throw error;
    return { name, level: 'fail', detail: error.message, fix: null };
  }
}

function endpointInWords({ name, requestsPerMinute }: ModelEndpoint): string {
  return requestsPerMinute === null ? name : `${name}, ${counted(requestsPerMinute, 'request')} a minute`;
}

/** What scripts are kept from on this machine, and how they would be kept from more. */
async function isolationRow({ settings }: CommandContext): Promise<Row> {
  const name = 'isolation';
  try {
    const { best, refusal } = await openWorkerIsolations(settings);
    const detail = `${best.name} holds: ${best.holds.join('; ')}. It does not hold: ${best.open.join('; ')}.`;
    if (refusal === null) return { name, level: 'ok', detail, fix: null };
    const fix = `${refusal.fix} Until then run only tasks and models that you trust.`;
    return { name, level: 'warn', detail: `${refusal.reason}. ${detail}`, fix };
  } catch (error) {
    const reason = errorMessage(error);
    return { name, level: 'warn', detail: `it could not be tried out: ${reason}`, fix: 'Run `npm run setup` first.' };
  }
}
