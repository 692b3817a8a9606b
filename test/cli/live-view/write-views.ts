import { writeFile } from 'node:fs/promises';
import { VIEWS_PAGE, viewsPage } from './shown-views';

/** Writes the page of the terminal views anew. */
async function main(): Promise<void> {
  await writeFile(VIEWS_PAGE, await viewsPage());
}

void main();
