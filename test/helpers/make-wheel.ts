import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

const WRITE_WHEEL = `
import sys, zipfile
directory, name, version, source = sys.argv[1:]
info = f"{name}-{version}.dist-info"
files = {
    f"{name}.py": source,
    f"{info}/METADATA": f"Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n",
    f"{info}/WHEEL": "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
}
files[f"{info}/RECORD"] = "".join(f"{file},,\\n" for file in [*files, f"{info}/RECORD"])
with zipfile.ZipFile(f"{directory}/{name}-{version}-py3-none-any.whl", "w") as wheel:
    for file, text in files.items():
        # A date of its own would make every wheel another one.
        wheel.writestr(zipfile.ZipInfo(file, (2026, 1, 1, 0, 0, 0)), text)
`;

/** A package of one module as a wheel in `directory`, so that installing it needs no network; returns its file name. */
export function makeWheel(directory: string, name: string, version: string, source: string): string {
  mkdirSync(directory, { recursive: true });
  execFileSync('python3', ['-c', WRITE_WHEEL, directory, name, version, source]);
  return `${name}-${version}-py3-none-any.whl`;
}
