import { buildStep } from './build-step.mjs';
import { nodeStep } from './node-step.mjs';
import { packagesStep } from './packages-step.mjs';
import { pythonStep } from './python-step.mjs';
import { temporalStep } from './temporal-step.mjs';

/** @typedef {{ ready: boolean, detail: string, fix?: string }} State */

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {(context: import('./context.mjs').Context, how: { deep: boolean }) => State | Promise<State>} inspect
 *   changes nothing; cheap unless deep
 * @property {(context: import('./context.mjs').Context, state: State) => void | Promise<void>} make
 *   throws SetupFailure
 */

/** In order: each may rely on those before it. @type {readonly Step[]} */
export const steps = [nodeStep, packagesStep, buildStep, pythonStep, temporalStep];
