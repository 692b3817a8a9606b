import { processIdentity } from '../sandbox/process-identity';
import { keepServer } from './keeper';

const DEFAULT_IDLE_SECONDS = 600;

async function main(): Promise<void> {
  const home = process.argv[2];
  const self = await processIdentity(process.pid);
  if (home === undefined || self === null) throw new Error('usage: keeper-main HOME');
  const idleSeconds = Number(process.env['COPPICE_SERVER_IDLE_SECONDS'] ?? DEFAULT_IDLE_SECONDS);
  await keepServer({
    home,
    self,
    idleMs: (idleSeconds > 0 ? idleSeconds : DEFAULT_IDLE_SECONDS) * 1000,
    report: (message) => console.error(`${new Date().toISOString()} ${message}`),
  });
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
