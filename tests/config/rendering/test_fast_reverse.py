import pytest
from django.urls import get_script_prefix, reverse, set_script_prefix

from config.rendering.fast_reverse import address


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("posts:home", ()),
        ("posts:post", (12,)),
        ("posts:post", (9081726354,)),
        ("accounts:profile", ("maya_1",)),
        ("posts:tag", ("café & cream",)),
        ("posts:tag", ("a%b",)),
        ("posts:tag", ("!$'()*+,;=~:@",)),
        ("posts:message", (3, 4)),
    ],
)
def test_it_is_what_reverse_returns(name: str, args: tuple[int | str, ...]) -> None:
    for _ in range(2):  # Looked up, and filled in again.
        assert address(name, *args) == reverse(name, args=args)


def test_it_follows_the_place_the_site_stands_at() -> None:
    before = get_script_prefix()
    address("posts:post", 1)
    try:
        set_script_prefix("/town/")
        assert address("posts:post", 1) == reverse("posts:post", args=[1]) == "/town/posts/1/"
    finally:
        set_script_prefix(before)
