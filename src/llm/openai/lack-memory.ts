import { readFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { z } from 'zod';
import { FEATURES, type Feature } from './features';

/** Servers are renewed: what one could not do a week ago is tried again. */
const REMEMBERED_MS = 7 * 24 * 60 * 60 * 1000;

/** For each feature the time, in milliseconds since 1970, at which it was learnt. */
const timesSchema = z.partialRecord(z.enum(FEATURES), z.number());
const knowledgeSchema = z.object({ lacks: timesSchema, proven: timesSchema });
const fileSchema = z.object({ format: z.literal(1), models: z.record(z.string(), knowledgeSchema) });
type Knowledge = z.infer<typeof knowledgeSchema>;
type Models = Readonly<Record<string, Knowledge>>;

/** A model behind an endpoint. */
export interface Place {
  readonly endpoint: string;
  readonly model: string;
}

export interface KnownFeatures {
  readonly lacks: ReadonlySet<Feature>;
  /** What the server has taken. */
  readonly proven: ReadonlySet<Feature>;
}

export interface Learnt {
  readonly lacks: readonly Feature[];
  readonly proven: readonly Feature[];
}

/**
 * What is known of servers, each model by itself: in memory, and in one file for each endpoint below `directory` so
 * that other processes need not learn it again. A file that cannot be read, or written, is done without.
 */
export class LackMemory {
  private readonly endpoints = new Map<string, Promise<Map<string, Knowledge>>>();

  constructor(
    private readonly directory: string | null,
    private readonly now: () => number = Date.now,
  ) {}

  async known({ endpoint, model }: Place): Promise<KnownFeatures> {
    const knowledge = (await this.models(endpoint)).get(model);
    return { lacks: this.recent(knowledge?.lacks), proven: this.recent(knowledge?.proven) };
  }

  /** Writes only what is new. */
  async learn(place: Place, { lacks, proven }: Learnt): Promise<void> {
    const known = await this.known(place);
    const newLacks = lacks.filter((feature) => !known.lacks.has(feature));
    const newlyProven = proven.filter((feature) => !known.proven.has(feature));
    if (newLacks.length === 0 && newlyProven.length === 0) return;
    const models = await this.models(place.endpoint);
    const knowledge = models.get(place.model);
    models.set(place.model, {
      lacks: { ...knowledge?.lacks, ...this.timed(newLacks) },
      proven: { ...knowledge?.proven, ...this.timed(newlyProven) },
    });
    await this.save(place.endpoint, models);
  }

  private recent(times: Knowledge['lacks'] = {}): Set<Feature> {
    return new Set(FEATURES.filter((feature) => this.now() - (times[feature] ?? -Infinity) < REMEMBERED_MS));
  }

  private timed(features: readonly Feature[]): Knowledge['lacks'] {
    return Object.fromEntries(features.map((feature) => [feature, this.now()]));
  }

  private models(endpoint: string): Promise<Map<string, Knowledge>> {
    const models =
      this.endpoints.get(endpoint) ?? this.read(endpoint).then((stored) => new Map(Object.entries(stored)));
    this.endpoints.set(endpoint, models);
    return models;
  }

  private async read(endpoint: string): Promise<Models> {
    const file = this.fileOf(endpoint);
    if (file === null) return {};
    try {
      return fileSchema.parse(JSON.parse(await readFile(file, 'utf8'))).models;
    } catch {
      return {};
    }
  }

  /** Other processes may have learnt about other models meanwhile. */
  private async save(endpoint: string, models: ReadonlyMap<string, Knowledge>): Promise<void> {
    const file = this.fileOf(endpoint);
    if (file === null) return;
    const stored = await this.read(endpoint);
    try {
      await mkdir(path.dirname(file), { recursive: true });
      const merged = { format: 1, models: { ...stored, ...Object.fromEntries(models) } };
      await writeFileAtomic(file, `${JSON.stringify(merged, null, 2)}\n`);
    } catch {
      // It is learnt anew, then.
    }
  }

  private fileOf(endpoint: string): string | null {
    return this.directory === null
      ? null
      : path.join(this.directory, `${endpoint.replace(/[^A-Za-z0-9.-]/g, '-')}.json`);
  }
}
