import type { FailureReason } from '../../src/domain/failure-reason';
import type { HostileScript } from './hostile-script';
import { everywhere } from './hostile-script';

const REFUSED = 'refused: not a finite number';

/** Scripts that report odd scores or hand in odd predictions. */
export const SCORING_SCRIPTS: readonly HostileScript[] = [
  scoring('reports an integer', 'report(1)', null, 'counts'),
  scoring('reports NaN', 'report(float("nan"))', 'bad_metric', REFUSED),
  scoring('reports infinity', 'report(float("inf"))', 'bad_metric', REFUSED),
  scoring('reports a text', 'report("0.99, the best so far")', 'bad_metric', REFUSED),
  scoring(
    'reports a thousand scores',
    `write_predictions()
for number in range(1000):
    print(f"metric: {number / 1000}")`,
    null,
    'the last one counts',
  ),
  handingIn('with ids that are not in the sample', 'rows = [f"{number},0" for number in range(900_000, 900_100)]'),
  handingIn('with too few rows', 'rows = rows[:10]'),
  handingIn('with one id many times', 'rows = [rows[0]] * len(rows)'),
  {
    name: 'hands in predictions of 1 GB',
    scene: 'gigabyte',
    code: () => `report(0.5)
with open("working/submission.csv", "a") as file:
    for _ in range(1000):
        file.write("0,0.0000\\n" * 111_111)`,
    outcome: everywhere({ reason: 'bad_submission', became: 'refused unread' }),
  },
];

function scoring(name: string, code: string, reason: FailureReason | null, became: string): HostileScript {
  return { name, scene: 'plain', code: () => code, outcome: everywhere({ reason, became }) };
}

function handingIn(how: string, change: string): HostileScript {
  const code = `report(0.5)
with open("working/submission.csv") as file:
    header, *rows = file.read().split()
${change}
with open("working/submission.csv", "w") as file:
    file.write("\\n".join([header, *rows]) + "\\n")`;
  return scoring(`hands in predictions ${how}`, code, 'bad_submission', 'refused');
}
