import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { Activities } from '../activities/create-activities';
import { createActivities } from '../activities/create-activities';
import type { ChainState } from '../activities/execute-step';
import type { RunFile } from '../domain/run-files';
import type { OpenRunResult } from '../domain/steps';
import { OFFLINE } from '../domain/resolved-model';
import type { ModelClient } from '../llm/model';
import { createOfflineModel } from '../llm/offline/offline-model';
import { createOpenAiModel } from '../llm/openai-model';
import { waitForSlowModels } from '../llm/patient-fetch';
import type { Isolations } from '../sandbox/isolation/choose-isolation';
import { openLeaseDirectory } from '../sandbox/lease-directory';
import type { WatchedScripts } from '../sandbox/watched-scripts';
import { readDownMs } from '../server/downtime';
import type { ArtifactStore } from '../store/artifact-store';
import type { ModelEndpoint } from './model-endpoints';
import { readPythonPath } from './python-path';
import type { Settings } from './settings';
import { PACKAGE_DIRECTORY } from './settings';

/** Events and bytes of history past which a run stops dispatching and continues as new; below the server's limits. */
const DRAIN_AT: OpenRunResult['drainAt'] = { events: 30_000, bytes: 25 * 1024 * 1024 };

const PYTHON_VERSIONS = `
import json, platform
from importlib.metadata import distributions
packages = {d.metadata["Name"]: d.version for d in distributions() if d.metadata["Name"]}
print(json.dumps({"python": platform.python_version(), "packages": packages}))
`;

const pythonVersionsSchema = z.object({ python: z.string(), packages: z.record(z.string(), z.string()) });

/** What a worker's activities need of the process that they run in. */
export interface WorkerSurroundings {
  /** Whether the server is the embedded one, whose down time is known here. */
  readonly embedded: boolean;
  readonly hostId: string;
  readonly store: ArtifactStore;
  readonly watched: WatchedScripts;
  readonly askChain: (workflowId: string) => Promise<ChainState | null>;
  /** Finds out what this machine can isolate scripts by; asked when the first script is made ready. */
  readonly isolations: () => Promise<Isolations>;
  readonly modelEndpoints: readonly ModelEndpoint[];
}

/** The activities of this machine's worker. */
export async function workerActivities(settings: Settings, surroundings: WorkerSurroundings): Promise<Activities> {
  const { home, tasks, slots, grade, environment } = settings;
  const { embedded, hostId, isolations, modelEndpoints } = surroundings;
  const limited = new Set(
    modelEndpoints.filter(({ requestsPerMinute }) => requestsPerMinute !== null).map(({ name }) => name),
  );
  const isRateLimited = (endpoint: string): boolean => limited.has(endpoint);
  const pythonPath = await readPythonPath(settings);
  waitForSlowModels();
  return createActivities({
    ...surroundings,
    home,
    tasks,
    environment,
    pythonPath,
    slots,
    grade,
    leases: await openLeaseDirectory(environment, hostId),
    isolationFor: async (wanted) => (await isolations()).choose(wanted),
    drainAt: drainAt(environment),
    createModel: modelsOf({ environment, endpointsDirectory: path.join(home, 'endpoints'), isRateLimited }),
    isRateLimited,
    versions: () => readVersions(pythonPath),
    serverDownMs: () => (embedded ? readDownMs(home) : Promise.resolve(0)),
  });
}

/** Operators whose server has other limits, and tests, may have runs continue earlier. */
function drainAt(environment: Settings['environment']): OpenRunResult['drainAt'] {
  const events = Number(environment['COPPICE_DRAIN_EVENTS']);
  return Number.isInteger(events) && events > 0 ? { ...DRAIN_AT, events } : DRAIN_AT;
}

function modelsOf(options: Parameters<typeof createOpenAiModel>[0]): (endpoint: string) => ModelClient {
  const offline = createOfflineModel();
  const servers = createOpenAiModel(options);
  return (endpoint) => (endpoint === OFFLINE ? offline : servers);
}

async function readVersions(pythonPath: string): Promise<RunFile['versions']> {
  const { stdout } = await promisify(execFile)(pythonPath, ['-c', PYTHON_VERSIONS]);
  return {
    coppice: await readPackageVersion(),
    node: process.versions.node,
    ...pythonVersionsSchema.parse(JSON.parse(stdout)),
  };
}

async function readPackageVersion(): Promise<string> {
  const text = await readFile(path.join(PACKAGE_DIRECTORY, 'package.json'), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}
