import io

from config.supervisor.output import LogWriter
from tests.config.supervisor.conftest import Log


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_it_names_the_writer_of_each_line(log: Log) -> None:
    output = LogWriter(log)
    output.line("web", "hello")
    output.line("relay", "world")
    assert log.getvalue() == "web     | hello\nrelay   | world\n"


def test_it_has_a_colour_for_each_name_on_a_terminal() -> None:
    terminal = Terminal()
    output = LogWriter(terminal)
    for name in ("web", "relay", "web"):
        output.line(name, "x")
    first, second, third = terminal.getvalue().splitlines()
    assert first == third
    assert first.split("web")[0] != second.split("relay")[0]


def test_it_goes_on_when_nobody_reads_any_more() -> None:
    stream = io.StringIO()
    output = LogWriter(stream)
    stream.close()
    output.line("web", "into the void")
