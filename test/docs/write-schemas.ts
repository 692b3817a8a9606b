/* Writes docs/schemas anew from the schemas that the commands print by: `npm run schemas`. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { SCHEMAS, schemaFiles } from './schema-files';

const files = schemaFiles();
mkdirSync(SCHEMAS, { recursive: true });
for (const name of readdirSync(SCHEMAS)) if (!(name in files)) rmSync(path.join(SCHEMAS, name));
for (const [name, text] of Object.entries(files)) writeFileSync(path.join(SCHEMAS, name), text);
