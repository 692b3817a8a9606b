import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { bundleVariant } from './bundle-variant';
import { quietTemporal, startTestServer } from './workflow-harness';

/** What a file of workflow tests works with; there while its tests run. */
export interface WorkflowServer {
  readonly environment: TestWorkflowEnvironment;
  /** The workflow with shorter waits; only where some were named. */
  readonly impatient: WorkflowBundleWithSourceMap;
}

export interface WorkflowServerOptions {
  /** Constants of `step-activities.ts` and what they are in the impatient workflow, such as `HOST_TIMEOUT: '2s'`. */
  readonly waits?: Readonly<Record<string, string>>;
  readonly dynamicConfig?: readonly string[];
}

/** Starts a server before the tests of a file and ends it after them. */
export function workflowServer({ waits = {}, dynamicConfig = [] }: WorkflowServerOptions = {}): WorkflowServer {
  let environment: TestWorkflowEnvironment | null = null;
  let impatient: WorkflowBundleWithSourceMap | null = null;
  beforeAll(async () => {
    quietTemporal();
    environment = await startTestServer(...dynamicConfig);
    if (Object.keys(waits).length > 0) {
      impatient = await bundleVariant('step-activities.ts', (source) => withWaits(source, waits));
    }
  });
  afterAll(async () => {
    await environment?.teardown();
  });
  return {
    get environment() {
      return there(environment, 'the server');
    },
    get impatient() {
      return there(impatient, 'the workflow with shorter waits');
    },
  };
}

function withWaits(source: string, waits: Readonly<Record<string, string>>): string {
  return Object.entries(waits).reduce((text, [name, wait]) => {
    const changed = text.replace(new RegExp(`\\b${name} = '\\w+'`), `${name} = '${wait}'`);
    if (changed === text) throw new Error(`step-activities.ts has no constant ${name} any more`);
    return changed;
  }, source);
}

function there<Value>(value: Value | null, name: string): Value {
  if (value === null) throw new Error(`${name} is there only while the tests run`);
  return value;
}
