"""Supervises one script: `python -I -S supervisor.py CONTROL_DIRECTORY`.

Reads spec.json there; writes supervisor.json, waiting.json, started.json, output.log and at the end result.json, whose
fields src/sandbox/supervisor-files.ts describes. Started again for the same directory it does nothing.
"""

import os
import sys

# Last, so that nothing beside this file can stand in for a module of the standard library.
sys.path.append(os.path.dirname(os.path.abspath(__file__)))

from supervision.main import main  # noqa: E402

if __name__ == "__main__":
    main()
