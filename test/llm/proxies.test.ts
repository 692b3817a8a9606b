import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer as createHttpServer, request as httpRequest, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { ModelProblem } from '../../src/llm/models/model-problem';
import { createDispatcher } from '../../src/llm/proxy-dispatcher';
import { makeCertificates, type Certificates } from './made-up-certificates';

const PATIENT = { headersTimeout: 0, bodyTimeout: 0 };
const HOST = 'models.example.test';

/** What a process of its own does: a worker's beginning, and a request by the `fetch` that model calls use. */
const ASK = `
const { waitForSlowModels } = require(process.argv[1]);
waitForSlowModels(process.env);
fetch(process.argv[2], { method: 'POST', body: '{}' })
  .then((response) => response.text())
  .then((text) => console.log(text), (error) => console.log('failed: ' + (error.cause?.code ?? error.cause?.message ?? error.message)));
`;

/** The same for a notice by webhook, as the activity sends it. */
const TELL = `
const { waitForSlowModels } = require(process.argv[1]);
const { postNotice } = require(process.argv[3]);
waitForSlowModels(process.env);
postNotice(process.argv[2], { event: 'finished' }, new AbortController().signal)
  .then(() => console.log('told'), (error) => console.log(error.message));
`;

let root: string;
let certificates: Certificates;
let plain: Server;
let secure: Server;
let proxy: Server;
let asked: string[];

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coppice-proxies-'));
  certificates = await makeCertificates(root, HOST);
  plain = await listening(createHttpServer((_request, response) => response.end('plain answer')));
  const { key, certificate: cert } = certificates;
  secure = await listening(createTlsServer({ key, cert }, (_request, response) => response.end('secure answer')));
  proxy = await listening(startProxy());
});

beforeEach(() => {
  asked = [];
});

afterAll(async () => {
  for (const server of [plain, secure, proxy]) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  await rm(root, { recursive: true, force: true });
});

/** Takes whatever host it is asked for to this machine: the name of the tests' host stands nowhere else. */
function startProxy(): Server {
  const server = createHttpServer((incoming, response) => {
    const url = new URL(incoming.url ?? '');
    asked.push(`${incoming.method ?? ''} ${url.host}`);
    const onward = httpRequest({ host: '127.0.0.1', port: url.port, method: incoming.method }, (answer) =>
      answer.pipe(response),
    );
    incoming.pipe(onward);
  });
  server.on('connect', (incoming, socket) => {
    const authorization = incoming.headers['proxy-authorization'];
    asked.push(`CONNECT ${incoming.url ?? ''}${authorization === undefined ? '' : ` as ${authorization}`}`);
    const port = Number((incoming.url ?? '').split(':').at(-1));
    const onward = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.pipe(socket);
      socket.pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  });
  return server;
}

async function listening(server: Server): Promise<Server> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** The answer that a process with these variables gets, with what it wrote to its standard error. */
async function ask(url: string, environment: Readonly<Record<string, string>>, script = ASK): Promise<string> {
  const modules = ['llm/patient-fetch.js', 'activities/post-notice.js'];
  const [patientFetch = '', post = ''] = modules.map((name) => path.resolve(__dirname, '../../lib', name));
  const env = { PATH: process.env['PATH'] ?? '', ...environment };
  const parameters = ['-e', script, patientFetch, url, post];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, parameters, { env });
  return stdout.trim() + stderr.trim();
}

const proxyUrl = (): string => `http://127.0.0.1:${portOf(proxy)}`;

test('model calls go by HTTPS_PROXY through a tunnel, and trust what NODE_EXTRA_CA_CERTS adds', async () => {
  const url = `https://${HOST}:${portOf(secure)}/v1/chat/completions`;
  const environment = { HTTPS_PROXY: proxyUrl(), NODE_EXTRA_CA_CERTS: certificates.authorityFile };
  expect(await ask(url, environment)).toBe('secure answer');
  expect(asked).toEqual([`CONNECT ${HOST}:${portOf(secure)}`]);

  // Without either of them there is no such host, or no trust in it.
  expect(await ask(url, { NODE_EXTRA_CA_CERTS: certificates.authorityFile })).toMatch(/^failed: E(NOTFOUND|AI_AGAIN)/);
  expect(await ask(url, { HTTPS_PROXY: proxyUrl() })).toMatch(/^failed: .*(CERT|SIGNATURE|ISSUER)/);
});

test('they go by HTTP_PROXY, in either case and with a login, and around it to hosts of NO_PROXY', async () => {
  const url = `http://${HOST}:${portOf(plain)}/v1`;
  expect(await ask(url, { http_proxy: proxyUrl().replace('//', '//me:word@') })).toBe('plain answer');
  const login = `Basic ${Buffer.from('me:word').toString('base64')}`;
  expect(asked).toEqual([`CONNECT ${HOST}:${portOf(plain)} as ${login}`]);
  for (const noProxy of ['example.test', '.example.test', `other.test, ${HOST}`, `${HOST}:${portOf(plain)}`, '*']) {
    asked = [];
    expect(await ask(url, { HTTP_PROXY: proxyUrl(), NO_PROXY: noProxy })).toMatch(/^failed: E(NOTFOUND|AI_AGAIN)/);
    expect(asked).toEqual([]);
  }
});

test('this machine itself is never looked for behind a proxy', async () => {
  for (const name of ['127.0.0.1', 'localhost']) {
    expect(await ask(`http://${name}:${portOf(plain)}/v1`, { HTTP_PROXY: proxyUrl() })).toBe('plain answer');
  }
  expect(asked).toEqual([]);
});

test('notices by webhook go the same ways, and say no more than the host when they do not arrive', async () => {
  const url = `https://${HOST}:${portOf(secure)}/hooks/T0PSECRET`;
  const environment = { HTTPS_PROXY: proxyUrl(), NODE_EXTRA_CA_CERTS: certificates.authorityFile };
  expect(await ask(url, environment, TELL)).toBe('told');
  expect(asked).toEqual([`CONNECT ${HOST}:${portOf(secure)}`]);

  asked = [];
  expect(await ask(url, { ...environment, NO_PROXY: HOST }, TELL)).toMatch(
    new RegExp(`^the webhook at ${HOST}:\\d+ did not answer: E(NOTFOUND|AI_AGAIN)$`),
  );
  expect(asked).toEqual([]);
});

test('an address that is none is refused by its variable, and not repeated', () => {
  expect(() => createDispatcher({ HTTPS_PROXY: 'socks5://me:word@proxy' }, PATIENT)).toThrow(ModelProblem);
  expect(() => createDispatcher({ HTTPS_PROXY: 'socks5://me:word@proxy' }, PATIENT)).toThrow(/^HTTPS_PROXY is not/);
});
