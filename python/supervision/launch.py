"""How a script starts: in a session of its own, with nothing of its supervisor's."""

from __future__ import annotations

import os
import resource
import signal

from .control_groups import ControlGroup
from .leases import Lease
from .system import die_with_parent, set_oom_score

# Short of memory, the kernel is to end the script before anything else.
SCRIPT_OOM_SCORE = 500

# Status of a script that could not be executed, as a shell has it.
NOT_EXECUTED = 127

# What a supervisor ignores or handles, which the script would inherit.
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD)


class Launch:
    """What is started."""

    def __init__(self, spec: dict, lease: Lease, groups: list[ControlGroup], user_limit: int | None) -> None:
        devices = [argument for gpu in lease.gpus for argument in gpu["arguments"]]
        self.command: list[str] = []
        for element in spec["command"]:
            self.command += devices if element == "{gpu-devices}" else [element]
        visible = ",".join(gpu["uuid"] for gpu in lease.gpus)
        self.environment = {**spec["environment"], "CUDA_VISIBLE_DEVICES": visible, "COPPICE_ATTEMPT": spec["token"]}
        self.directory = spec["directory"]
        self.file_bytes = spec["fileBytes"]
        self.groups = groups
        self.user_limit = user_limit


def become_script(launch: Launch, output: int, reports: int, parent: int) -> None:
    """Never returns; reports why when the command cannot be executed."""
    try:
        os.setsid()
        die_with_parent()
        if os.getppid() == parent:
            prepare(launch, output)
            os.execvpe(launch.command[0], launch.command, launch.environment)
    except BaseException as error:
        os.write(reports, b"failed " + str(error).replace("\n", " ").encode("utf-8", "replace")[:500] + b"\n")
    finally:
        os._exit(NOT_EXECUTED)


def prepare(launch: Launch, output: int) -> None:
    for group in launch.groups:
        group.join()
    set_limits(launch)
    set_oom_score(SCRIPT_OOM_SCORE)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    signal.set_wakeup_fd(-1)
    for number in SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    os.chdir(launch.directory)


def set_limits(launch: Launch) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if launch.file_bytes is not None:
        set_limit(resource.RLIMIT_FSIZE, int(launch.file_bytes))
    if launch.user_limit is not None:
        set_limit(resource.RLIMIT_NPROC, launch.user_limit)


def set_limit(kind: int, value: int) -> None:
    hard = resource.getrlimit(kind)[1]
    lower = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (lower, lower))
