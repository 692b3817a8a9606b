import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { SUPERVISOR_SPEC, type SupervisorSpec } from './supervisor-files';

/** Writes what a supervisor is to start; makes the control directory where there is none. */
export async function writeSupervisorSpec(controlDirectory: string, spec: SupervisorSpec): Promise<void> {
  await mkdir(controlDirectory, { recursive: true });
  await writeFileAtomic(path.join(controlDirectory, SUPERVISOR_SPEC), `${JSON.stringify(spec, null, 2)}\n`);
}
