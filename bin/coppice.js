#!/usr/bin/env node
'use strict';

const { existsSync } = require('node:fs');
const path = require('node:path');

const main = path.join(__dirname, '..', 'lib', 'cli', 'main.js');
if (existsSync(main)) {
  require(main);
} else {
  process.stderr.write(
    'coppice is not built yet: run "npm run setup" in ' + path.dirname(__dirname) + ', then again.\n',
  );
  process.exitCode = 1;
}
