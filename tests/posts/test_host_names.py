import pytest

from posts import host_names


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("example.org", "example.org"),
        ("xn--eby-7cd.com", "xn--eby-7cd.com"),
        ("Bücher.example", "bücher.example"),
        ("cafe\u0301.fr", "café.fr"),
        ("ｅｘａｍｐｌｅ.org", "example.org"),
        ("日本語abc.jp", "日本語abc.jp"),
        ("한국kr.kr", "한국kr.kr"),
        ("раура.рф", "раура.рф"),  # Cyrillic is what one expects there.
        ("abcпривет.com", "xn--abc-hddpq2civ.com"),
        ("αικο.com", "xn--mxaqdu.com"),
        ("хуо.раура.com", "xn--n1ajf.xn--80aa0cbo.com"),
    ],
)
def test_it_shows_a_host_as_its_reader_may_trust_it(host: str, shown: str) -> None:
    assert host_names.shown(host) == shown


@pytest.mark.parametrize("host", ["\u0489abc.com", "é-.com", "é" * 64 + ".com", "a\u200cé.com"])
def test_it_refuses_what_no_browser_looks_up(host: str) -> None:
    with pytest.raises(ValueError):
        host_names.shown(host)


@pytest.mark.parametrize(
    ("name", "has_path", "plain"),
    [
        ("example.com", False, True),
        ("done.so", True, False),
        ("youtu.be", False, False),
        ("youtu.be", True, True),
        ("detik.co.in", False, True),
        ("z.B.de", False, False),
        ("main.py", True, False),
        ("例え.jp", False, True),
    ],
)
def test_it_knows_what_is_plainly_a_host(name: str, has_path: bool, plain: bool) -> None:
    assert host_names.is_plain(name, has_path=has_path) is plain
