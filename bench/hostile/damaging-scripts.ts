import type { HostileScript } from './hostile-script';
import { everywhere, literal } from './hostile-script';

/** Scripts that go for what surrounds them. */
export const DAMAGING_SCRIPTS: readonly HostileScript[] = [
  {
    name: 'kills its parent and its supervisor',
    scene: 'plain',
    // Only supervisors of this bench: under `process` a script sees every process of the machine.
    code: ({ coppiceHome }) => `parent = os.getppid()
supervisors = []
for process in filter(str.isdigit, os.listdir("/proc")):
    try:
        with open(f"/proc/{process}/cmdline") as file:
            command = file.read()
    except OSError:
        continue
    if ${literal(coppiceHome)} in command and "supervisor.py" in command:
        supervisors.append(int(process))
for process in [parent, *supervisors]:
    try:
        os.kill(process, signal.SIGKILL)
    except OSError:
        pass
time.sleep(1)
report(0.5)`,
    outcome: {
      bubblewrap: { reason: null, became: 'reaches neither; its score counts' },
      process: { reason: 'killed', became: 'dies with its supervisor, twice' },
    },
  },
  {
    name: 'deletes its own directory',
    scene: 'plain',
    code: () => `for name in os.listdir("."):
    try:
        shutil.rmtree(name) if os.path.isdir(name) and not os.path.islink(name) else os.remove(name)
    except OSError:
        pass
shutil.rmtree(os.getcwd(), ignore_errors=True)`,
    outcome: everywhere({ reason: 'no_metric', became: 'nothing is left to score' }),
  },
  {
    name: 'ends early by os._exit(0)',
    scene: 'plain',
    code: () => 'write_predictions()\nos._exit(0)\nreport(0.5)',
    outcome: everywhere({ reason: 'no_metric', became: 'exit status 0 is not a score' }),
  },
  {
    name: 'closes its output and works on',
    scene: 'plain',
    code: () => `for descriptor in range(3):
    os.close(descriptor)
time.sleep(1)
report(0.5)`,
    outcome: everywhere({ reason: null, became: 'is waited for; its score counts' }),
  },
  {
    name: 'writes to ./input',
    scene: 'input',
    code: () => `found = 0
try:
    os.chmod("input/train.csv", 0o666)
except OSError:
    pass
try:
    with open("input/train.csv", "a") as file:
        file.write("0,0,0\\n")
    found += 1
except OSError:
    pass
try:
    with open("input/planted.csv", "w") as file:
        file.write("x\\n")
    found += 1
except OSError:
    pass
report(found)`,
    outcome: {
      bubblewrap: { reason: null, finds: 'nothing', became: 'cannot' },
      process: {
        reason: null,
        finds: 'something',
        pauses: true,
        became: '**not held:** writes to the copy; the run pauses with `data_changed` and names the node',
      },
    },
  },
];
