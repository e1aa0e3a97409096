"""What a process costs, read from /proc."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Reading:
    """CPU time used since the process began, and when that was read."""

    at: float
    cpu_s: float

    def since(self, earlier: "Reading") -> "Spent":
        return Spent(self.at - earlier.at, self.cpu_s - earlier.cpu_s)


@dataclass(frozen=True)
class Spent:
    wall_s: float
    cpu_s: float

    @property
    def share(self) -> float:
        """CPU use as a share of one core."""
        return self.cpu_s / self.wall_s if self.wall_s else 0.0


def read_cpu(pid: int) -> Reading:
    """Return user and system time of all threads of `pid`, to 10 ms (proc(5), fields 14 and 15)."""
    text = Path(f"/proc/{pid}/stat").read_text()
    fields = text.rsplit(")", 1)[1].split()  # The name in parentheses may hold spaces.
    return Reading(time.monotonic(), (int(fields[11]) + int(fields[12])) / TICKS_PER_S)


def read_cpu_exactly(pid: int) -> Reading:
    """Return what all threads of `pid` have run so far, also those that ended, to the nanosecond.

    Source: clock_getcpuclockid(3), whose number for a process is this one in the kernel
    (include/linux/posix-timers_types.h: CPUCLOCK_SCHED).
    """
    return Reading(time.monotonic(), time.clock_gettime((~pid << 3) | 2))


def read_cpu_finely(pid: int) -> Reading:
    """Return what all threads of `pid` have run so far, to the nanosecond (proc(5), schedstat,
    first number).

    Threads that have ended are not in it.
    """
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    run_ns = sum(int(task.read_text().split()[0]) for task in tasks)
    return Reading(time.monotonic(), run_ns / 1e9)


def memory_kib(pid: int, name: str = "Anonymous") -> int:
    """Return what a process has for itself alone, or another line of smaps_rollup, in KiB.

    Its proportional set size would fall and rise with other Python processes, which share the
    libraries.
    """
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    raise ValueError(f"smaps_rollup has no {name}.")


def descriptors(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def socket_drops(ports: list[int]) -> int:
    """Return how many datagrams the kernel threw away because the sockets at these ports were full
    (/proc/net/udp).
    """
    wanted = set(ports)
    lines = Path("/proc/net/udp").read_text().splitlines()[1:]
    fields = (line.split() for line in lines)
    return sum(int(each[-1]) for each in fields if int(each[1].rsplit(":", 1)[1], 16) in wanted)


def machine() -> str:
    """Return the processor's name, the number of cores and the kernel."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next(
        (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")),
        os.uname().machine,
    )
    return f"{model}, {os.cpu_count()} cores, Linux {os.uname().release}"


def percentile(values: list[float], share: float) -> float:
    """Return the value below which `share` of all values lie; nan for none."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
