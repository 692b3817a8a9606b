/** Begins the line of output that says what a hunting script has found. */
export const FOUND = 'FOUND ';

/** Name for the server's port among what is found. */
export const SERVER_PORT = 'the port of the server';

/**
 * A script that looks for the original data, the labels and the server where it was told they are; inside an isolation
 * it also reads every file that it can see. It prints what it found, and hands in harmless predictions.
 *
 * @param places files and directories that it must not see
 * @param label what every label looks like; labels of its own input do not count
 */
export function huntingScript(places: readonly string[], port: number, label: string): string {
  return answer(`
import json, os, re, shutil, socket

LABEL = re.compile(rb"${label}")
SYSTEM = {"proc", "sys", "dev", "usr", "lib", "lib32", "lib64", "libx32", "bin", "sbin"}
own = set()
for name in os.listdir("input"):
    with open(os.path.join("input", name), "rb") as file:
        own |= set(LABEL.findall(file.read()))


def has_label(path):
    try:
        with open(path, "rb") as file:
            return bool(set(LABEL.findall(file.read(50_000_000))) - own)
    except OSError:
        return False


def files_below(place):
    for directory, _, names in os.walk(place):
        for name in names:
            path = os.path.join(directory, name)
            if os.path.isfile(path):
                yield path


found = []
for place in ${JSON.stringify(places)}:
    if os.path.isfile(place) and has_label(place):
        found.append(place)
    if os.path.isdir(place) and os.listdir(place):
        found.append(place)
if os.path.isdir("/coppice"):
    for top in set(os.listdir("/")) - SYSTEM:
        found += filter(has_label, files_below(os.path.join("/", top)))
for process in filter(str.isdigit, os.listdir("/proc")):
    if any(has_label(f"/proc/{process}/root{place}") for place in ${JSON.stringify(places)}):
        found.append("the files of another process")
        break
try:
    socket.create_connection(("127.0.0.1", ${port}), timeout=3).close()
    found.append("${SERVER_PORT}")
except OSError:
    pass
print("${FOUND}" + json.dumps(found))
os.makedirs("working", exist_ok=True)
shutil.copyfile("input/sample_submission.csv", "working/submission.csv")
`);
}

/** A script that hands in a link to a file which coppice can read and it cannot. */
export function linkingScript(target: string): string {
  return answer(`
import os

os.makedirs("working", exist_ok=True)
os.symlink(${JSON.stringify(target)}, "working/submission.csv")
os.symlink(${JSON.stringify(target)}, "working/result.json")
print("metric: 0.5")
`);
}

function answer(code: string): string {
  return `Plan: hunt.\n\n\`\`\`python${code}\`\`\`\n`;
}
