import type { HostileScript, Targets } from './hostile-script';
import { literal } from './hostile-script';

const HELD = { reason: null, finds: 'nothing', became: 'finds nothing' } as const;

/** Without isolation a script can do what its user can. */
const NOT_HELD = { reason: null, finds: 'something', became: '**not held:** it finds it' } as const;

const NOT_HIDDEN = {
  reason: null,
  finds: 'something',
  became: '**not held:** the run is marked "not hidden"',
} as const;

/** Scripts that know where something lies that is not theirs; what they report is how much of it they could read. */
export const READING_SCRIPTS: readonly HostileScript[] = [
  {
    name: 'looks for keys in its environment and in that of all processes',
    scene: 'plain',
    // Backwards, since a key that coppice knows does not get into a stored script.
    code: ({ key }) => `key, found = ${literal(Array.from(key).reverse().join(''))}[::-1].encode(), 0
for process in ["self", *filter(str.isdigit, os.listdir("/proc"))]:
    try:
        with open(f"/proc/{process}/environ", "rb") as file:
            found += key in file.read()
    except OSError:
        pass
report(found)`,
    outcome: {
      bubblewrap: HELD,
      process: { ...NOT_HELD, became: "**not held:** not in its own environment, but in the worker's" },
    },
  },
  reading("reads the worker's home directory", 'plain', ({ home }) => [home, `${home}/.ssh/id_made_up`], NOT_HELD),
  reading(
    'reads another run and the directory of all attempts',
    'plain',
    ({ store, otherRun, coppiceHome }) => [
      `${store}/${otherRun}/nodes/1/solution.py`,
      `${store}/${otherRun}/run.json`,
      `${coppiceHome}/work`,
    ],
    NOT_HELD,
  ),
  reading('reads the original training file', 'withheld', ({ original }) => [original], NOT_HIDDEN),
  reading('reads the answers', 'withheld', ({ answers }) => [answers], NOT_HIDDEN),
  reaching("reaches Temporal's port", ({ temporalPort }) => temporalPort),
  reaching('reaches another server over the network', ({ otherPort }) => otherPort),
];

function reading(
  name: string,
  scene: HostileScript['scene'],
  paths: (targets: Targets) => readonly string[],
  underProcess: HostileScript['outcome']['process'],
): HostileScript {
  return {
    name,
    scene,
    code: (targets) => `found = 0
for path in ${JSON.stringify(paths(targets))}:
    try:
        if os.path.isdir(path):
            found += len(os.listdir(path)) > 0
        else:
            with open(path, "rb") as file:
                found += len(file.read(1))
    except OSError:
        pass
report(found)`,
    outcome: { bubblewrap: HELD, process: underProcess },
  };
}

function reaching(name: string, port: (targets: Targets) => number): HostileScript {
  return {
    name,
    scene: 'plain',
    code: (targets) => `try:
    socket.create_connection(("127.0.0.1", ${literal(port(targets))}), timeout=3).close()
    report(1)
except OSError:
    report(0)`,
    outcome: { bubblewrap: HELD, process: NOT_HELD },
  };
}
