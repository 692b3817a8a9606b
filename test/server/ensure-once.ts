/* Run as a process of its own by the tests: ensures the server of HOME, prints its pid and then stays. */
import { ensureServer } from '../../src/server/embedded-server';

async function main(): Promise<void> {
  const server = await ensureServer({ home: process.argv[2] ?? '', startedBy: 'demand' });
  console.log(`pid ${server.pid}`);
  setInterval(() => undefined, 1000);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
