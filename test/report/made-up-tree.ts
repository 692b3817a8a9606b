import type { NodeRecord } from '../../src/domain/node-record';
import type { NotesFile } from '../../src/domain/steering';
import type { NodeTexts } from '../../src/report/node-texts';
import type { NodeView, RunView } from '../../src/report/run-view';
import { loadRunView } from '../../src/report/run-view';
import { createDirectoryStore } from '../../src/store/directory-store';
import { writeRun } from '../helpers/run-fixture';

export interface MadeUpTree {
  readonly view: RunView;
  readonly texts: readonly NodeTexts[];
}

const IDEAS = [
  'Boost on logarithms',
  'Average three models',
  'Encode the categories',
  'Scale and regress',
  'Grow deeper trees',
];
const LINE = (id: number): string => `model = make_model(depth=${id % 9}, rate=0.${(id % 8) + 1}, seed=${id})`;

/** A number from 0 to 1 that looks drawn and is the same every time. */
function drawn(id: number): number {
  return ((id * 7919) % 1009) / 1009;
}

/** A finished search of any size, with all that the page can show, without the files of so many nodes. */
export async function madeUpTree(root: string, size: number, pruned: readonly number[] = []): Promise<MadeUpTree> {
  const store = createDirectoryStore(root);
  await writeRun(store, { runId: `tree-${size}`, nodes: [{ id: 1, metric: 1000 }] });
  const view = await loadRunView(store, `tree-${size}`);
  const first = view?.nodes[0];
  if (view == null || first === undefined || first.status === 'in_flight') throw new Error('node 1 is recorded');
  const nodes = Array.from({ length: size }, (_, index) => madeUpNode(first.record, index + 1, size));
  const best = nodes.reduce<NodeView>((held, node) => (scoreOf(node) < scoreOf(held) ? node : held), nodes[0] ?? first);
  const state =
    view.state === null
      ? null
      : {
          ...view.state,
          pruned: [...pruned],
          stepsTotal: size,
          best: best.status === 'working' ? { id: best.id, metric: scoreOf(best) } : null,
        };
  return { view: { ...view, state, nodes }, texts: nodes.map(({ id }) => madeUpTexts(id)) };
}

function scoreOf(node: NodeView): number {
  return node.status === 'working' ? (node.record.metric ?? Infinity) : Infinity;
}

function madeUpNode(first: NodeRecord, id: number, size: number): NodeView {
  const parent = id <= 5 ? null : 1 + Math.floor(drawn(id) * (id - 1) * 0.9);
  const operator = id === 8 ? 'inject' : parent === null ? 'draft' : id % 6 === 0 ? 'debug' : 'improve';
  const startedAt = new Date(Date.UTC(2026, 0, 2, 3, id)).toISOString();
  const basics = { id, parent: operator === 'inject' ? null : parent, operator, startedAt } as const;
  if (id > size - 2 && size > 10)
    return { ...basics, status: 'in_flight', stage: id === size ? 'writing' : 'executing' };
  const fails = id % 5 === 3;
  const metric = fails ? null : 1200 / (1 + Math.log(id)) + drawn(id * 3) * 160;
  const record: NodeRecord = {
    ...first,
    ...basics,
    status: fails ? 'failed' : 'working',
    reason: fails ? (id % 2 === 0 ? 'timeout' : 'exception') : null,
    metric,
    title: `${IDEAS[id % IDEAS.length] ?? ''}, variant ${id}`,
    summary: fails ? 'It failed before the first fold.' : 'Logarithms of the price help with the dear stones.',
    message: fails ? 'ValueError: could not convert string to float' : '',
    completion: id,
    marks: id % 17 === 0 ? [{ kind: 'too_good', message: 'far ahead of all others' }] : [],
  };
  return { ...basics, status: record.status, record, notes: null };
}

function madeUpTexts(id: number): NodeTexts {
  const lines = Array.from({ length: 40 }, (_, line) =>
    line % 11 === id % 11 ? LINE(id) : `step_${line} = prepare(${line})`,
  );
  const notes: NotesFile | null =
    id % 9 === 4
      ? { format: 1, scores: { public: 0.83, private: 0.81 }, text: 'sent on Tuesday', updatedAt: '' }
      : null;
  return {
    id,
    plan: `${IDEAS[id % IDEAS.length] ?? ''}, variant ${id}.\n\nThe residuals grow with the price, so its logarithm is fitted instead.`,
    code: `${lines.join('\n')}\n`,
    output: `${Array.from({ length: 30 }, (_, fold) => `fold ${fold}: rmse ${(600 - fold).toFixed(1)}`).join('\n')}\nmetric: 1\n`,
    execution: null,
    review: null,
    notes,
    hints: [],
  };
}
