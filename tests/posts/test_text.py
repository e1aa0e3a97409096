"""What people type becomes links and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posts import text


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("see https://example.org/a?b=c.", ["https://example.org/a?b=c"]),
        ("www.example.org and example.id", ["http://www.example.org", "http://example.id"]),
        ("(https://en.example.org/x_(y))", ["https://en.example.org/x_(y)"]),
        ("ftp://example.org mailto:a@example.org a@example.org", []),
        ("javascript:alert(1) data:text/html,hi", []),
        ("http://[ and https:// and ://", []),
        ("no link", []),
    ],
)
def test_it_finds_web_addresses(typed: str, found: list[str]) -> None:
    assert text.links(typed) == found


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("@Maya and @budi_2, (@noor).", {"maya", "budi_2", "noor"}),
        ("mail maya@example.org", set()),
        ("@a @@maya @" + "x" * 31, set()),
        ("https://example.org/@maya", set()),
        ("@maya's river", {"maya"}),
    ],
)
def test_it_finds_mentions(typed: str, found: set[str]) -> None:
    assert text.mentions(typed) == found


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("#River, #río #川 #NightShift!", {"river", "río", "川", "nightshift"}),
        ("#1 #2026 a#b ##x &#39; #", set()),
        ("#2fast", {"2fast"}),
        ("https://example.org/#part", set()),
        ("#ß", {"ss"}),  # Case folded, so that both spellings meet.
    ],
)
def test_it_finds_hashtags(typed: str, found: set[str]) -> None:
    assert set(text.hashtags(typed)) == found


@given(st.text(max_size=300))
def test_it_cuts_any_text_into_pieces_that_make_it_again(typed: str) -> None:
    assert "".join(piece.text for piece in text.pieces(typed)) == typed


@given(st.text(alphabet="<>&\"'/=@#:.htps onerror", max_size=120))
def test_it_lets_no_markup_through(typed: str) -> None:
    html = text.render(typed)
    without_ours = html.replace('<a class="link" href="', "").replace("</a>", "")
    without_ours = without_ours.replace(
        '" rel="nofollow noopener noreferrer ugc" target="_blank">', ""
    ).replace('">', "")
    assert "<" not in without_ours
    assert '"' not in without_ours


def test_it_links_mentions_hashtags_and_addresses() -> None:
    html = text.render("@Maya #River https://www.example.org/x")
    assert '<a class="link" href="/@Maya/">@Maya</a>' in html
    assert '<a class="link" href="/tags/River/">#River</a>' in html
    assert (
        'href="https://www.example.org/x" rel="nofollow noopener noreferrer ugc" target="_blank">example.org/x</a>'
        in html
    )


def test_it_stays_in_the_window_for_links_to_this_site() -> None:
    assert "target" not in text.render("http://testserver/@maya/")


def test_it_shortens_what_it_shows_of_a_long_address() -> None:
    html = text.render("https://example.org/" + "x" * 100)
    assert "x…</a>" in html
    assert f'{"x" * 100}"' in html


def test_it_hides_a_link_whose_card_stands_below_only_at_the_end() -> None:
    url = "http://testserver/spaces/7/"
    assert text.render(f"Come in {url}", hidden_link=url) == "Come in"
    assert "testserver" in text.render(f"{url} is it", hidden_link=url)
    assert text.render(url, hidden_link=url) == ""
