import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { z } from 'zod';
import { PROJECT, composeText, parseCompose, readCompose, variablesOfFile, type Service } from './compose-file';
import { dockerfileVariables, readDockerfile } from './docker-file';
import { entrypointVariables, variablesOfCoppice } from './variable-readers';

const compose = readCompose({ POSTGRES_PASSWORD: 'secret', OPENAI_API_KEY: 'key' });
const services = Object.entries(compose.services);
const workers = services.filter(([name]) => ['search', 'exec', 'grade'].includes(name));
const jobs = ['temporal-schema', 'temporal-bootstrap'];
const isCoppice = ([, { image }]: readonly [string, Service]): boolean => image.startsWith('coppice:');

describe('docker-compose.yml', () => {
  const schema = z
    .record(z.string(), z.unknown())
    .parse(JSON.parse(readFileSync(path.join(PROJECT, 'test/fixtures/compose-spec/compose-spec.json'), 'utf8')));
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats(ajv);
  const fits = ajv.compile(schema);

  it('fits the schema of the Compose specification', () => {
    fits(parseCompose());
    expect(fits.errors ?? []).toEqual([]);
  });

  it('would not fit with a word that the specification does not know', () => {
    expect(fits(parseCompose(composeText.replace('stop_grace_period: 60s', 'stop_grace: 60s')))).toBe(false);
  });

  it('cannot be used without a password, and gives the reason', () => {
    expect(() => readCompose({})).toThrow('POSTGRES_PASSWORD: set it in .env');
  });

  it.each(services)('%s has a pinned image, an init, a stop grace and bounded logs', (_name, service) => {
    expect(service.image).toMatch(/:\d+\.\d+(\.\d+)?(-\w+)?$/);
    expect(service).toMatchObject({ init: true, stop_grace_period: expect.stringMatching(/^\d+s$/) as string });
    expect(Object.keys(service.logging?.options ?? {})).toEqual(['max-size', 'max-file']);
  });

  it('names its image of coppice by the version of the package', () => {
    const { version } = z
      .object({ version: z.string() })
      .parse(JSON.parse(readFileSync(path.join(PROJECT, 'package.json'), 'utf8')));
    expect(new Set(services.filter(isCoppice).map(([, { image }]) => image))).toEqual(new Set([`coppice:${version}`]));
  });

  it('opens ports to this machine alone', () => {
    const ports = services.flatMap(([, service]) => service.ports);
    expect(ports).toEqual(['127.0.0.1:7233:7233', '127.0.0.1:8080:8080']);
  });

  it.each(services.filter(([name]) => !jobs.includes(name) && name !== 'coppice'))(
    '%s stays up, and shows whether it is well',
    (_name, service) => {
      expect(service.restart).toBe('unless-stopped');
      expect(service.healthcheck?.test[0]).toBe('CMD');
    },
  );

  it.each(jobs)('%s runs once a start, and what needs it waits for its success', (name) => {
    expect(compose.services[name]?.restart).toBe('no');
    const waiting = services.filter(([, service]) => service.depends_on[name] !== undefined);
    expect(waiting.length).toBeGreaterThan(0);
    for (const [, service] of waiting) {
      expect(service.depends_on[name]).toEqual({ condition: 'service_completed_successfully' });
    }
  });

  it('waits for health where it waits for a service that stays', () => {
    const others = services.flatMap(([, service]) =>
      Object.entries(service.depends_on).filter(([name]) => !jobs.includes(name)),
    );
    expect(others.filter(([, { condition }]) => condition !== 'service_healthy')).toEqual([]);
  });

  it('keeps everything in named volumes, and binds only what is there, to be read', () => {
    const volumes = services.flatMap(([, service]) => service.volumes);
    const isPath = ({ source }: { readonly source: string }): boolean => source.startsWith('.');
    expect(new Set(volumes.filter((volume) => !isPath(volume)).map(({ source }) => source))).toEqual(
      new Set(Object.keys(compose.volumes)),
    );
    for (const volume of volumes.filter(isPath)) {
      expect([volume.source, existsSync(path.join(PROJECT, volume.source))]).toEqual([volume.source, true]);
      expect(volume.isReadOnly).toBe(true);
    }
  });

  it('gives keys only to the worker that calls models and to the command', () => {
    const withKeys = services.filter(([, service]) => 'OPENAI_API_KEY' in service.environment);
    expect(withKeys.map(([name]) => name)).toEqual(['search', 'coppice']);
    expect(services.filter(([, service]) => service.env_file.length > 0).map(([name]) => name)).toEqual(['search']);
  });

  it('shows the withheld rows to the grade worker alone', () => {
    const withRows = services.filter(([, service]) => service.volumes.some(({ source }) => source === 'grade'));
    expect(withRows.map(([name]) => name)).toEqual(['grade']);
  });

  it('keeps the database in a network without a way out', () => {
    expect(compose.networks['database']).toEqual({ internal: true });
    const reached = services.filter(([, service]) => service.networks.includes('database')).map(([name]) => name);
    expect(reached).toEqual(['postgresql', 'temporal-schema', 'temporal']);
    expect(compose.services['postgresql']?.networks).toEqual(['database']);
  });

  it.each(services.filter(([name]) => !['postgresql', 'exec'].includes(name)))(
    '%s has no rights that it does not need',
    (_name, service) => {
      expect(service.cap_drop).toEqual(['ALL']);
      expect(service.security_opt).toEqual(['no-new-privileges:true']);
    },
  );

  it('keeps the volumes of coppice where its image looks for them', () => {
    const { COPPICE_STORE, COPPICE_GRADE, COPPICE_TASKS } = dockerfileVariables();
    const targets = new Set(
      services.filter(isCoppice).flatMap(([, { volumes }]) => volumes.map(({ target }) => target)),
    );
    expect(targets).toEqual(new Set([COPPICE_STORE, COPPICE_GRADE, COPPICE_TASKS]));
  });

  it('sets nothing for PostgreSQL but what the documentation of its image names', () => {
    const { environment = {}, image = '' } = compose.services['postgresql'] ?? {};
    const documented = entrypointVariables()[image.split(':')[0] ?? '']?.variables ?? {};
    expect(Object.keys(environment).sort()).toEqual(Object.keys(documented).sort());
  });

  it.each(services.filter(isCoppice))('sets nothing for %s but what coppice reads', (_name, { environment }) => {
    const read = variablesOfCoppice();
    const names = [...Object.keys(environment), ...Object.keys(dockerfileVariables())];
    expect(names.filter((name) => !read.has(name))).toEqual([]);
  });

  it('is explained: every variable that one may set stands in the document', () => {
    const document = readFileSync(path.join(PROJECT, 'docs', 'deployment.md'), 'utf8');
    expect(variablesOfFile().filter((name) => !document.includes(`\`${name}\``))).toEqual([]);
  });
});

describe('the Dockerfile', () => {
  const instructions = readDockerfile();
  const ignored = readFileSync(path.join(PROJECT, '.dockerignore'), 'utf8').split('\n');
  const allowed = ignored.filter((line) => line.startsWith('!')).map((line) => line.slice(1));

  it('has only instructions, in stages of one glibc image', () => {
    const known = ['ARG', 'FROM', 'RUN', 'ENV', 'WORKDIR', 'COPY', 'USER', 'ENTRYPOINT', 'CMD'];
    expect(instructions.filter(({ name }) => !known.includes(name))).toEqual([]);
    expect(instructions[0]?.words).toMatch(/=node:20\.\d+\.\d+-bookworm-slim$/);
    const bases = instructions.filter(({ name }) => name === 'FROM').map(({ words }) => words);
    expect(bases).toEqual(['${NODE_IMAGE} AS system', 'system AS build', 'system']);
  });

  it('ends as a user without rights, with a command that is there', () => {
    const last = (wanted: string): string => instructions.filter(({ name }) => name === wanted).at(-1)?.words ?? '';
    expect(last('USER')).toBe('node');
    const entrypoint = z.array(z.string()).parse(JSON.parse(last('ENTRYPOINT')));
    expect(existsSync(path.join(PROJECT, entrypoint[1]?.replace('/app/', '') ?? 'missing'))).toBe(true);
  });

  it('gets what set-up needs, and nothing of keys, runs and things built elsewhere', () => {
    expect(ignored).toContain('*');
    expect(allowed.filter((place) => !existsSync(path.join(PROJECT, place)))).toEqual([]);
    expect(allowed).toEqual(
      expect.arrayContaining(['src', 'scripts', 'python', 'bin', 'package-lock.json', 'prompts']),
    );
    expect(allowed.filter((place) => /^(\.env|\.git|node_modules|lib|\.coppice|runs)/.test(place))).toEqual([]);
  });

  it('has the programs of its health checks', () => {
    const checks = workers.map(([, service]) => service.healthcheck?.test[2]?.replace('/app/', '') ?? '');
    expect(checks.filter((place) => !allowed.includes(place))).toEqual([]);
  });
});
