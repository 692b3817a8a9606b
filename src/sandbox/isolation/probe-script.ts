/** What the probe's script tries to reach. */
export interface ProbeTargets {
  /** Files that must not be there, and directories in which no file must be. */
  readonly hidden: readonly string[];
  /** A port of this machine that something listens on. */
  readonly port: number;
  /** A process of this machine. */
  readonly pid: number;
  /** Whether numpy must be importable. */
  readonly numpy: boolean;
}

/**
 * What the probe runs in a sandbox: tries to reach what no script must, and to do what every script must be able to.
 * Prints one JSON list of sentences, empty when all is well.
 */
export function probeScript(targets: ProbeTargets): string {
  return `
import json, os, socket, sys

targets = json.loads(${JSON.stringify(JSON.stringify(targets))})
problems = []

def files_in(place):
    """The interpreter may lie below; what is above it is there, but empty."""
    if os.path.isfile(place):
        yield place
    for directory, names, files in os.walk(place):
        names[:] = [name for name in names if os.path.join(directory, name) not in (sys.prefix, sys.base_prefix)]
        yield from (os.path.join(directory, file) for file in files)

for place in targets["hidden"]:
    found = next(files_in(place), None)
    if found is not None:
        problems.append(f"{found} can be seen")

sealed = ["/usr/coppice-probe", "/coppice-probe", "input/coppice-probe", "solution.py", "/proc/sys/kernel/core_pattern"]
for place in sealed:
    try:
        with open(place, "r+" if os.path.exists(place) else "x"):
            problems.append(f"{place} can be written")
    except OSError:
        pass

try:
    socket.create_connection(("127.0.0.1", targets["port"]), timeout=1).close()
    problems.append("the network can be reached")
except OSError:
    pass

try:
    os.kill(targets["pid"], 0)
    problems.append("processes outside can be seen")
except OSError:
    pass

try:
    for place in ["working/probe", "/tmp/probe", "/dev/shm/probe"]:
        with open(place, "w") as file:
            file.write("probe")
except OSError as error:
    problems.append(f"nothing can be written: {error}")

if targets["numpy"]:
    try:
        import numpy
    except Exception as error:
        problems.append(f"numpy cannot be imported: {error}")

print(json.dumps(problems))
`;
}
