import type { EvaluationKind } from '../../domain/evaluation';
import type { Task } from '../../domain/task';
import { cutMiddle } from './excerpt';
import { entryText } from './memory-text';
import type { PromptBudget } from './prompt-budget';
import type { RememberedNode, RunMaterial } from './prompt-material';
import type { TemplateVariables } from './prompt-templates';
import { bytesText, directionWords, durationText } from './wording';

/** Packages that install others: a script installs nothing. */
const INSTALLERS: readonly string[] = ['pip', 'setuptools', 'wheel', 'uv'];

/** Most tokens of a line about one node: enough for its score and what it changed. */
const NODE_LINE = 32;

/** What every prompt knows of the task. */
export function taskVariables(task: Task, evaluation: EvaluationKind, budget: PromptBudget): TemplateVariables {
  const { name, metric, direction, target, id, train, test, sample } = task;
  const goal = cutMiddle(task.goal.trim(), budget.goal);
  return {
    evaluation,
    task: { name, goal, metric, better: directionWords(direction), target, id, train, test, sample },
  };
}

/** How a script is run. */
export function scriptVariables(run: RunMaterial, budget: PromptBudget): TemplateVariables {
  const { task } = run;
  const packages = Object.entries(run.packages)
    .filter(([name]) => !INSTALLERS.includes(name))
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, version]) => `${name} ${release(version)}`)
    .join(', ');
  return {
    scripts: {
      limit: durationText(run.scriptLimitSeconds),
      python: run.python,
      packages: packages === '' ? 'none' : cutMiddle(packages, budget.packages),
      cores: run.cores,
      memory: run.memoryBytes === null ? null : bytesText(run.memoryBytes),
      gpus: task.gpus,
      network: task.network === 'on',
      mounts: quoted(task.mounts),
      outputs: quoted(task.outputs.map((output) => `./${output}`)),
      reruns: task.reruns > 0,
      secret: !run.samples,
    },
  };
}

/** A node in one line; null when there is none. */
export function nodeLine(node: RememberedNode | null): TemplateVariables | null {
  return node === null ? null : { id: node.id, line: entryText(node, NODE_LINE).replace(/^- /, '') };
}

/** `2.5` of `2.5.1`: what tells which functions there are. */
function release(version: string): string {
  return /^\d+\.\d+/.exec(version)?.[0] ?? version;
}

function quoted(paths: readonly string[]): string {
  const names = paths.map((path) => `\`${path}\``);
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}
