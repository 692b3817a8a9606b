"""Slots and GPUs of this host, leased by lock files that the kernel takes back when their holders are gone."""

from __future__ import annotations

import os
import time

from . import system
from .files import lock_file

# A GPU with more memory in use is not free; desktops and idle drivers use less.
FOREIGN_GPU_MIB = 1024

# How long an answer of the driver's tool holds.
FOREIGN_GPU_SECONDS = 2.0


class Lease:
    def __init__(self, slot: int, gpus: list[dict], descriptors: list[int]) -> None:
        self.slot = slot
        self.gpus = gpus
        self.descriptors = descriptors


class LeaseOffice:
    def __init__(self, spec: dict) -> None:
        self.directory = spec["leases"]["directory"]
        self.slots = spec["leases"]["slots"]
        self.wanted = spec["gpus"]["count"]
        self.candidates = spec["gpus"]["candidates"]
        self.occupied: dict[str, int] = {}
        self.occupied_until = 0.0
        self.waits_for = ""

    def try_lease(self) -> Lease | None:
        """All or nothing: what waits for a GPU keeps no slot from others."""
        os.makedirs(self.directory, mode=0o700, exist_ok=True)
        slot, descriptor = self.try_slot()
        if descriptor is None:
            self.waits_for = f"one of the {self.slots} slots of this machine"
            return None
        gpus, descriptors = self.try_gpus()
        if len(gpus) == self.wanted:
            return Lease(slot, gpus, [descriptor, *descriptors])
        for held in [descriptor, *descriptors]:
            os.close(held)
        self.waits_for = f"{self.wanted} of {len(self.candidates)} GPUs{self.occupied_in_words()}"
        return None

    def try_slot(self) -> tuple[int, int | None]:
        for slot in range(self.slots):
            descriptor = lock_file(os.path.join(self.directory, f"cpu-{slot}.lock"))
            if descriptor is not None:
                return slot, descriptor
        return 0, None

    def try_gpus(self) -> tuple[list[dict], list[int]]:
        gpus: list[dict] = []
        descriptors: list[int] = []
        if self.wanted > 0:
            self.look_at_gpus()
        for gpu in self.candidates:
            if len(gpus) == self.wanted:
                break
            if gpu["uuid"] in self.occupied:
                continue
            descriptor = lock_file(os.path.join(self.directory, f"gpu-{gpu['uuid']}.lock"))
            if descriptor is not None:
                gpus.append(gpu)
                descriptors.append(descriptor)
        return gpus, descriptors

    def look_at_gpus(self) -> None:
        """Which GPUs have memory in use; asked for only now and then, for the answer takes a while."""
        if time.monotonic() < self.occupied_until:
            return
        self.occupied = {}
        output = system.command_output("nvidia-smi", "--query-gpu=uuid,memory.used", "--format=csv,noheader,nounits")
        for line in output.splitlines():
            uuid, _, used = line.partition(",")
            if used.strip().isdigit() and int(used) > FOREIGN_GPU_MIB:
                self.occupied[uuid.strip()] = int(used)
        self.occupied_until = time.monotonic() + FOREIGN_GPU_SECONDS

    def occupied_in_words(self) -> str:
        """A GPU with a lock is a script's; what uses the others is none of ours."""
        found = [gpu for gpu in self.candidates if gpu["uuid"] in self.occupied and not self.is_leased(gpu)]
        used = [f"GPU {gpu['index']} has {self.occupied[gpu['uuid']]} MiB in use by others" for gpu in found]
        return f" ({'; '.join(used)})" if used else ""

    def is_leased(self, gpu: dict) -> bool:
        descriptor = lock_file(os.path.join(self.directory, f"gpu-{gpu['uuid']}.lock"))
        if descriptor is not None:
            os.close(descriptor)
        return descriptor is None
