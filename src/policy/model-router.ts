import type { Purpose } from '../domain/purpose';
import { OFFLINE, type ModelRoutes } from '../domain/resolved-model';

/** What of a router crosses continue-as-new. */
export interface ModelRouterState {
  readonly routes: ModelRoutes;
  /** Models that do not work, each with the time (milliseconds) from which on it is tried again. */
  readonly downUntil: Readonly<Record<string, number>>;
}

const NO_ROUTES: ModelRoutes = { draft: [], improve: [], debug: [], review: [], digest: [], report: [] };

/** Nothing is known of any model; what a run starts from. */
export const NO_MODELS: ModelRouterState = { routes: NO_ROUTES, downUntil: {} };

/**
 * Chooses among the models of a role, which stand in order of preference: the first that is not known to be down. What
 * one role learns of an endpoint counts for the others, but two models of one role at the same endpoint are told apart,
 * since a provider may have lost one and still serve the other.
 */
export class ModelRouter {
  private current: ModelRoutes;
  private readonly downUntil: Map<string, number>;

  constructor({ routes, downUntil }: ModelRouterState) {
    this.current = routes;
    this.downUntil = new Map(Object.entries(downUntil));
  }

  get routes(): ModelRoutes {
    return this.current;
  }

  /** Takes the endpoints as they are now; what is known to be down under its old name is forgotten with the name. */
  update(routes: ModelRoutes): void {
    this.current = routes;
  }

  /** Whether a language model works in this role, and not the offline one. */
  hasModel(role: Purpose): boolean {
    return this.current[role].some((endpoint) => endpoint !== OFFLINE);
  }

  /** @throws RangeError when the role has no such model */
  endpoint(role: Purpose, model: number): string {
    const endpoint = this.current[role][model];
    if (endpoint === undefined) throw new RangeError(`no model ${model} for ${role}`);
    return endpoint;
  }

  /** Index of the first model that is not down, else of the first that is; null when all have been tried. */
  choose(role: Purpose, tried: ReadonlySet<number>, now: number): number | null {
    const untried = this.current[role].map((_, model) => model).filter((model) => !tried.has(model));
    const up = untried.find((model) => (this.downUntil.get(this.key(role, model)) ?? 0) <= now);
    return up ?? untried[0] ?? null;
  }

  /** Whether the model was down when last tried, be its time over or not. */
  isOnTrial(role: Purpose, model: number): boolean {
    return this.downUntil.has(this.key(role, model));
  }

  markDown(role: Purpose, model: number, until: number): void {
    this.downUntil.set(this.key(role, model), until);
  }

  markUp(role: Purpose, model: number): void {
    this.downUntil.delete(this.key(role, model));
  }

  /** Every model gets another chance: somebody may have mended what was wrong. */
  forgive(): void {
    this.downUntil.clear();
  }

  /** Other models of the role at the same endpoint. */
  neighbours(role: Purpose, model: number): number[] {
    const endpoint = this.endpoint(role, model);
    return this.current[role].flatMap((other, index) => (other === endpoint && index !== model ? [index] : []));
  }

  state(now: number): ModelRouterState {
    const stillDown = [...this.downUntil].filter(([, until]) => until > now);
    return { routes: this.current, downUntil: Object.fromEntries(stillDown) };
  }

  private key(role: Purpose, model: number): string {
    const endpoint = this.endpoint(role, model);
    const before = this.current[role].slice(0, model).filter((other) => other === endpoint).length;
    return `${endpoint}#${before + 1}`;
  }
}
