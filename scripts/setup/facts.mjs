import path from 'node:path';
import { environmentPython } from './context.mjs';
import { packagesName, readEnvironmentStamp } from './python-step.mjs';
import { readStamp, writeStamp } from './stamp.mjs';
import { readTemporalStamp } from './temporal-step.mjs';

/**
 * Leaves in COPPICE_HOME/setup.json what the program needs to know of the set-up.
 * @param {import('./context.mjs').Context} context
 */
export function writeFacts(context) {
  const stamp = readEnvironmentStamp(context);
  const temporal = readTemporalStamp(context);
  const facts = {
    nodeVersion: process.versions.node,
    python: environmentPython(context),
    environment: stamp && packagesName(stamp.requirements),
    pythonVersion: stamp?.version,
    temporal: temporal?.path,
    temporalVersion: temporal?.version,
  };
  const file = path.join(context.home, 'setup.json');
  if (JSON.stringify(readStamp(file)) !== JSON.stringify(facts)) writeStamp(file, facts);
}
