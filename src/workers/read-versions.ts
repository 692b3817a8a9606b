import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { RunFile } from '../domain/run-files';
import { packageVersion } from './package-version';
import { readSetup } from './setup-facts';
import type { Settings } from './settings';
import { PACKAGE_DIRECTORY } from './settings';

const PYTHON_VERSIONS = `
import json, platform
from importlib.metadata import distributions
packages = {d.metadata["Name"]: d.version for d in distributions() if d.metadata["Name"]}
print(json.dumps({"python": platform.python_version(), "packages": packages}))
`;

const pythonVersionsSchema = z.object({ python: z.string(), packages: z.record(z.string(), z.string()) });

/** Everything whose version may matter to a run later: coppice, Node, Temporal's SDK and CLI, Python and its packages. */
export async function readVersions(settings: Pick<Settings, 'home'>): Promise<RunFile['versions']> {
  const { python, temporalVersion = null, environment } = await readSetup(settings);
  const { stdout } = await promisify(execFile)(python, ['-c', PYTHON_VERSIONS]);
  return {
    coppice: packageVersion(path.join(PACKAGE_DIRECTORY, 'package.json')),
    node: process.versions.node,
    temporal: { sdk: packageVersion(require.resolve('@temporalio/worker/package.json')), cli: temporalVersion },
    ...(environment === undefined ? {} : { environment }),
    ...pythonVersionsSchema.parse(JSON.parse(stdout)),
  };
}
