import path from 'node:path';
import type { Activities } from '../activities/create-activities';
import { createActivities } from '../activities/create-activities';
import type { ChainState } from '../activities/execute-step';
import type { OpenRunResult } from '../domain/steps';
import { OFFLINE } from '../domain/resolved-model';
import type { ModelClient } from '../llm/model';
import { createOfflineModel } from '../llm/offline/offline-model';
import { createOpenAiModel } from '../llm/openai-model';
import { waitForSlowModels } from '../llm/patient-fetch';
import { createRedactingModel } from '../llm/redacting-model';
import { DiskGuard } from '../sandbox/disk-guard';
import type { Isolations } from '../sandbox/isolation/choose-isolation';
import { openLeaseDirectory } from '../sandbox/lease-directory';
import type { WatchedScripts } from '../sandbox/watched-scripts';
import { readDownMs } from '../server/downtime';
import type { ArtifactStore } from '../store/artifact-store';
import { createRedactingStore } from '../store/redaction/redacting-store';
import type { Redactor } from '../store/redaction/redactor';
import type { ModelEndpoint } from './model-endpoints';
import { readPythonPath } from './python-path';
import { readVersions } from './read-versions';
import type { Settings } from './settings';

/** Events and bytes of history past which a run stops dispatching and continues as new; below the server's limits. */
const DRAIN_AT: OpenRunResult['drainAt'] = { events: 30_000, bytes: 25 * 1024 * 1024 };

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
  /** Takes this machine's secrets out of all that is stored, sent to models or told to the server. */
  readonly redactor: Redactor;
}

/** The activities of this machine's worker. */
export async function workerActivities(settings: Settings, surroundings: WorkerSurroundings): Promise<Activities> {
  const { home, tasks, slots, grade, environment } = settings;
  const { embedded, hostId, isolations, modelEndpoints, redactor } = surroundings;
  const limited = new Set(
    modelEndpoints.filter(({ requestsPerMinute }) => requestsPerMinute !== null).map(({ name }) => name),
  );
  const isRateLimited = (endpoint: string): boolean => limited.has(endpoint);
  const pythonPath = await readPythonPath(settings);
  waitForSlowModels(environment);
  return createActivities({
    ...surroundings,
    store: createRedactingStore(surroundings.store, redactor),
    disk: new DiskGuard({ store: settings.store, home, minFree: settings.minFree }),
    home,
    tasks,
    environment,
    pythonPath,
    slots,
    grade,
    leases: await openLeaseDirectory(environment, hostId),
    isolationFor: async (wanted) => (await isolations()).choose(wanted),
    drainAt: drainAt(environment),
    createModel: modelsOf({ environment, endpointsDirectory: path.join(home, 'endpoints'), isRateLimited }, redactor),
    isRateLimited,
    versions: () => readVersions(settings),
    serverDownMs: () => (embedded ? readDownMs(home) : Promise.resolve(0)),
  });
}

/** Operators whose server has other limits, and tests, may have runs continue earlier. */
function drainAt(environment: Settings['environment']): OpenRunResult['drainAt'] {
  const events = Number(environment['COPPICE_DRAIN_EVENTS']);
  return Number.isInteger(events) && events > 0 ? { ...DRAIN_AT, events } : DRAIN_AT;
}

function modelsOf(
  options: Parameters<typeof createOpenAiModel>[0],
  redactor: Redactor,
): (endpoint: string) => ModelClient {
  const offline = createRedactingModel(createOfflineModel(), redactor);
  const servers = createRedactingModel(createOpenAiModel(options), redactor);
  return (endpoint) => (endpoint === OFFLINE ? offline : servers);
}
