'use strict';

/** Loaded before a command: tells at its end which of Temporal's native parts it has loaded. */
process.on('exit', () => {
  const native = Object.keys(require.cache).filter((file) => file.includes('core-bridge'));
  process.stderr.write(`native code: ${native.length === 0 ? 'none' : native.join(', ')}\n`);
});
