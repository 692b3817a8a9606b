import { renderFrame } from '../../../src/cli/live-view/render-frame';
import { madeUpModel } from './made-up-run';

/** Prints frames of the live view: `print-frames.ts NODES COLUMNS ROWS`. */
async function main([nodes = '20', columns = '80', rows = '24']: readonly string[]): Promise<void> {
  const coloured = process.stdout.isTTY;
  const size = { columns: Number(columns), rows: Number(rows), coloured };
  for (const line of renderFrame(await madeUpModel(Number(nodes)), size)) process.stdout.write(`${line}\n`);
}

void main(process.argv.slice(2));
