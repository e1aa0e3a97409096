"""One child, always a real one."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from config.env import for_child
from config.supervisor.output import LogWriter
from config.supervisor.process import Process, Spec
from tests.config.supervisor.conftest import Log
from tests.stack.waiting import until

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('unresponsive', flush=True); time.sleep(60)"
PARENT = "import subprocess, sys, time; print(subprocess.Popen(['sleep', '60']).pid, flush=True); time.sleep({seconds})"


def spec(code: str, ready_line: str = "", stop_within_s: float = 5) -> Spec:
    return Spec(
        "child",
        (sys.executable, "-uc", code),
        for_child(),
        ready_line=ready_line,
        stop_within_s=stop_within_s,
    )


def is_alive(pid: int) -> bool:
    """A zombie that nobody has collected yet is dead."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


async def started(output: LogWriter, what: Spec) -> Process:
    process = Process(what, output)
    await process.start()
    return process


async def test_it_writes_what_the_child_prints(log: Log, output: LogWriter) -> None:
    process = await started(
        output, spec("import sys; print('out'); print('err', file=sys.stderr); print('é', end='')")
    )
    assert await process.wait() == 0
    assert log.lines == ["child | out", "child | err", "child | é"]


async def test_it_survives_bytes_that_are_no_text_and_lines_without_end(
    log: Log, output: LogWriter
) -> None:
    process = await started(
        output, spec("import os; os.write(1, b'\\xff\\n'); os.write(1, b'x' * 100_000)")
    )
    assert await process.wait() == 0
    assert log.lines[0] == "child | \N{REPLACEMENT CHARACTER}"
    assert sum(line.count("x") for line in log.lines[1:]) == 100_000


async def test_it_is_ready_when_it_says_so(output: LogWriter) -> None:
    process = await started(
        output, spec("import time; print('now serving'); time.sleep(60)", ready_line="serving")
    )
    await asyncio.wait_for(process.wait_ready(), 10)
    await process.stop()


async def test_it_asks_a_probe_until_it_agrees(output: LogWriter) -> None:
    answers = iter([False, False, True])

    async def probe() -> bool:
        return next(answers)

    process = Process(Spec("child", (), {}, readiness=probe), output)
    await asyncio.wait_for(process.wait_ready(), 10)
    assert list(answers) == []


async def test_it_tells_how_the_child_ended(output: LogWriter) -> None:
    assert await (await started(output, spec("raise SystemExit(3)"))).wait() == 3
    killed = await started(output, spec("import time; time.sleep(60)"))
    assert killed.pid
    os.kill(killed.pid, signal.SIGKILL)
    assert await killed.wait() == -signal.SIGKILL


async def test_it_raises_when_there_is_no_such_program(output: LogWriter) -> None:
    with pytest.raises(FileNotFoundError):
        await started(output, Spec("child", ("/no/such/program",), {}))


async def test_it_stops_a_child_politely(log: Log, output: LogWriter) -> None:
    process = await started(output, spec("import time; print('up'); time.sleep(60)"))
    await until(lambda: log.lines, "the child is up")
    await process.stop()
    assert await process.wait() == -signal.SIGTERM


async def test_it_kills_a_child_that_does_not_listen(log: Log, output: LogWriter) -> None:
    process = await started(output, spec(STUBBORN, stop_within_s=0.2))
    await until(lambda: log.lines, "the child ignores SIGTERM")
    await process.stop()
    assert await process.wait() == -signal.SIGKILL
    assert "child | did not stop within 0.2 s and is killed" in log.lines


async def test_it_takes_the_grandchildren_along_when_stopped(log: Log, output: LogWriter) -> None:
    process = await started(output, spec(PARENT.format(seconds=60)))
    grandchild = int((await until(lambda: log.lines, "the grandchild is there"))[0].split()[-1])
    assert is_alive(grandchild)
    await process.stop()
    await until(lambda: not is_alive(grandchild), "the grandchild is gone")


async def test_it_takes_the_grandchildren_along_when_the_child_dies_by_itself(
    log: Log, output: LogWriter
) -> None:
    process = await started(output, spec(PARENT.format(seconds=0)))
    await process.wait()
    grandchild = int(log.lines[0].split()[-1])
    await until(lambda: not is_alive(grandchild), "the grandchild is gone")


async def test_it_stops_only_once(output: LogWriter) -> None:
    process = await started(output, spec("pass"))
    await process.wait()
    await process.stop()
    await Process(spec("pass"), output).stop()  # One that never started.


async def test_it_is_out_of_reach_of_the_terminals_signals(output: LogWriter) -> None:
    process = await started(output, spec("import time; time.sleep(60)"))
    assert process.pid
    assert os.getpgid(process.pid) == process.pid != os.getpgid(0)
    await process.stop()


async def test_it_dies_with_a_parent_that_is_killed(log: Log, output: LogWriter) -> None:
    code = (
        "import asyncio, sys, time\n"
        "from config.env import for_child\n"
        "from config.supervisor.output import LogWriter\n"
        "from config.supervisor.process import Process, Spec\n"
        "async def main():\n"
        "    child = Process(Spec('x', ('sleep', '60'), for_child()), LogWriter(sys.stdout))\n"
        "    await child.start(); print(child.pid, flush=True); await child.wait()\n"
        "asyncio.run(main())\n"
    )
    parent = await started(output, spec(code))
    orphan = int((await until(lambda: log.lines, "the parent has a child"))[0].split()[-1])
    assert parent.pid
    os.kill(parent.pid, signal.SIGKILL)  # To the parent alone, not to its group.
    await until(lambda: not is_alive(orphan), "the child went with it")
    await parent.wait()
