/* `npm run bench:scale [-- NODES]`: what a node costs in a long run, early and late. Default: 2,000 nodes. */
import Table from 'cli-table3';
import { quietTemporal, startTestServer } from '../test/helpers/workflow-harness';
import { measureScale } from './measure-scale';

async function main(): Promise<void> {
  const nodes = Number(process.argv[2] ?? 2000);
  quietTemporal();
  const environment = await startTestServer();
  try {
    const measured = await measureScale(environment, nodes);
    const table = new Table({ head: ['what', 'measured', 'at most'] });
    table.push(
      ['nodes (failed)', `${measured.nodes} (${measured.failed})`, ''],
      ['time per node, first tenth', `${measured.firstTenthMs} ms`, ''],
      ['time per node, last tenth', `${measured.lastTenthMs} ms`, ''],
      ['last tenth / first tenth', (measured.lastTenthMs / measured.firstTenthMs).toFixed(2), '1.2'],
      ['events a node', measured.eventsPerNode.toFixed(1), '30'],
      ['bytes of history a node', measured.historyBytesPerNode.toFixed(0), '15,000'],
      ['bytes of state a node', measured.stateBytesPerNode.toFixed(1), '60'],
      ['workflow runs in the chain', String(measured.runsOfChain), ''],
    );
    process.stdout.write(`${table.toString()}\n`);
  } finally {
    await environment.teardown();
  }
}

void main();
