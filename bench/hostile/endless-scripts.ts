import type { HostileScript } from './hostile-script';
import { everywhere } from './hostile-script';

/** Argument by which the bench finds a process that should not have outlived its script. */
export const DAEMON_MARK = 'coppice-hostile-daemon';

/** Most memory that the allocating script takes where nothing holds it, so that a failed check harms nobody. */
const MOST_BYTES = 3e9;

/** Most processes that the fork bomb makes where nothing holds it. */
const MOST_PROCESSES = 5000;

/** Scripts that never end, or want more of the machine than they may have. */
export const ENDLESS_SCRIPTS: readonly HostileScript[] = [
  {
    name: 'loops for ever',
    scene: 'plain',
    isSlow: true,
    code: () => 'while True:\n    pass',
    outcome: everywhere({ reason: 'timeout', became: 'ended at its limit' }),
  },
  {
    name: 'ignores SIGTERM and all other signals that can be ignored',
    scene: 'plain',
    isSlow: true,
    code: () => `for number in range(1, 32):
    if number not in (signal.SIGKILL, signal.SIGSTOP):
        signal.signal(number, signal.SIG_IGN)
while True:
    time.sleep(1)`,
    outcome: everywhere({ reason: 'timeout', became: 'killed 5 s after its limit' }),
  },
  {
    name: 'leaves a daemon: forked twice, own session, empty environment, deaf to SIGTERM, output held open',
    scene: 'plain',
    code: () => `daemon = "import os, signal, time; signal.signal(15, signal.SIG_IGN); os.setsid(); time.sleep(600)"
if os.fork() == 0:
    if os.fork() == 0:
        os.execve(sys.executable, [sys.executable, "-c", daemon, "${DAEMON_MARK}"], {})
    os._exit(0)
os.wait()
time.sleep(0.5)
report(0.5)`,
    outcome: everywhere({ reason: null, became: 'its score counts; the daemon is ended with it' }),
  },
  {
    name: 'fork bomb',
    scene: 'plain',
    code: () => `import mmap

count = mmap.mmap(-1, 8)
while int.from_bytes(count[:8], "little") < ${MOST_PROCESSES}:
    count[:8] = (int.from_bytes(count[:8], "little") + 1).to_bytes(8, "little")
    os.fork()
time.sleep(600)`,
    outcome: everywhere({ reason: 'process_limit', became: 'ended, all of it, at the limit of processes' }),
  },
  {
    name: 'takes memory without bound',
    scene: 'plain',
    code: () => `held = []
while len(held) * 10_000_000 < ${MOST_BYTES}:
    held.append(bytearray(b"x") * 10_000_000)
report(0.5)`,
    outcome: everywhere({ reason: 'out_of_memory', became: 'ended at its limit of memory' }),
  },
  {
    name: 'prints 1 GB',
    scene: 'gigabyte',
    code: () => `line = b"x" * 99 + b"\\n"
for _ in range(1000):
    os.write(1, line * 10_000)
report(0.5)`,
    outcome: everywhere({ reason: null, became: 'beginning and end of the output are kept, the rest is counted' }),
  },
  {
    name: 'prints bytes that are no text',
    scene: 'plain',
    code: () => `os.write(1, bytes(range(256)) * 4000)
report(0.5)`,
    outcome: everywhere({ reason: null, became: 'the output is kept; what is no text is replaced' }),
  },
  {
    name: 'fills the disk, ten files of 40 MB a second',
    scene: 'small disk',
    code: () => `for number in range(1000):
    with open(str(number), "wb") as file:
        file.write(bytes(40_000_000))
    time.sleep(0.1)`,
    outcome: everywhere({ reason: 'disk_limit', became: 'ended at its limit of disk; its files are gone' }),
  },
  {
    name: 'fills the whole disk at once',
    scene: 'small disk',
    code: () => `for number in range(1000):
    with open(str(number), "wb") as file:
        file.write(bytes(20_000_000))`,
    outcome: everywhere({ reason: 'disk_limit', became: 'ended; its files are gone and the disk is free again' }),
  },
  {
    name: 'writes a hundred thousand files',
    scene: 'small disk',
    code: () => `os.makedirs("many", exist_ok=True)
for number in range(100_000):
    os.close(os.open(f"many/{number}", os.O_CREAT | os.O_WRONLY))
report(0.5)`,
    outcome: everywhere({ reason: null, became: 'its score counts; the files are gone with its directory' }),
  },
];
