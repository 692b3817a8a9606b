import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { findCommand } from '../helpers/find-command';
import { describeWithTool } from '../helpers/require-tool';
import { makeCheckout, removeCheckout, runSetup, type Checkout } from './checkout-fixture';

const ADVICE = /The package registry cannot be reached: check the network\. Behind a proxy or with a mirror/;

/** An address where nothing answers, for every tool that would download something. */
async function unreachable(checkout: Checkout): Promise<Record<string, string>> {
  const address = `http://127.0.0.1:${String(await closedPort())}`;
  return {
    npm_config_registry: address,
    npm_config_cache: path.join(checkout.home, 'npm-cache'),
    npm_config_fetch_retries: '0',
    PIP_INDEX_URL: `${address}/simple`,
    PIP_CONFIG_FILE: '/dev/null',
    PIP_CACHE_DIR: path.join(checkout.home, 'pip-cache'),
    PIP_RETRIES: '0',
    UV_DEFAULT_INDEX: `${address}/simple`,
    UV_CACHE_DIR: path.join(checkout.home, 'uv-cache'),
    PATH: process.env['PATH'] ?? '',
  };
}

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('without a network the packages step says so and leaves no node_modules that looks finished', async () => {
  const checkout = makeCheckout('absent');
  try {
    const result = await runSetup(checkout, await unreachable(checkout));
    expect(result.code).toBe(1);
    expect(result.output).toMatch(ADVICE);
    expect(result.output).toContain('"npm ci" failed in ');
    expect(existsSync(path.join(checkout.directory, 'node_modules', '.package-lock.json'))).toBe(false);
  } finally {
    removeCheckout(checkout);
  }
});

describeWithTool(
  'python3',
  () => findCommand('python3') !== undefined,
  () => {
    test('without a network the Python step says so, after pip has had its turn too', async () => {
      const checkout = makeCheckout('installed');
      try {
        const result = await runSetup(checkout, await unreachable(checkout));
        expect(result.code).toBe(1);
        expect(result.output).toMatch(ADVICE);
        expect(result.output).toContain('The Python packages of python/requirements.txt could not be installed');
        expect(existsSync(path.join(checkout.home, 'python', '.coppice-stamp.json'))).toBe(false);
      } finally {
        removeCheckout(checkout);
      }
    });
  },
);
