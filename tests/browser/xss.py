"""Two hundred strings that would run if a page took words for markup, and a town that has them
everywhere.

`plant()` runs inside the product's own shell, so that every string goes through the services
people's words go through.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:  # At run time only inside the product's shell, where Django is set up.
    from accounts.models import User

WRAPPINGS = ("{}", '">{}', "'>{}", "</textarea>{}", "</script>{}")
VECTORS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg/onload=alert(1)//",
    "<body onload=alert(1)>",
    "<iframe src=javascript:alert(1)></iframe>",
    '<iframe srcdoc="<script>alert(1)</script>">',
    '<a href="javascript:alert(1)">x</a>',
    "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<audio src onerror=alert(1)>",
    "<marquee onstart=alert(1)>",
    "<object data=javascript:alert(1)>",
    "<embed src=javascript:alert(1)>",
    "<form action=javascript:alert(1)><button>x",
    "<math><mi xlink:href=javascript:alert(1)>",
    "<style>@import'//evil.example/x.css'</style>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content=0;url=//evil.example>",
    "<img src=//evil.example/x.png>",
    "<div hx-get=//evil.example hx-trigger=load>",
    "<div hx-on:click=alert(1) hx-trigger=load>",
    "<div data-hx-get=/account/logout/ data-hx-trigger=load>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<xmp><img src=x onerror=alert(1)></xmp>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "{{ 7|add:7 }}{% now 'Y' %}",
    "${alert(1)}`alert(1)`",
    "javascript:alert(1)//http://localhost/",
    'http://localhost/" onmouseover=alert(1) x="',
    "https://evil.example/<img/src=x/onerror=alert(1)>",
    "@alice<img src=x onerror=alert(1)>",
    '#tag"><svg onload=alert(1)>',
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\\u003cscript\\u003ealert(1)\\u003c/script\\u003e",
    "\u202e<img src=x onerror=alert(1)>",
)
AUTHOR = "xssauthor"
PEOPLE = 40


def payloads() -> list[str]:
    return [wrapping.format(vector) for wrapping in WRAPPINGS for vector in VECTORS]


def addresses(reader: str) -> list[str]:
    """Every page that shows what people wrote. Feeds are followed to their end as well."""
    words = payloads()
    fixed = [
        "/",
        "/explore/",
        "/alerts/",
        "/bookmarks/",
        "/messages/",
        "/messages/requests/",
        "/drafts/",
        "/spaces/",
    ]
    people = [
        f"/@{AUTHOR}/",
        f"/@{AUTHOR}/replies/",
        f"/@{AUTHOR}/media/",
        f"/@{AUTHOR}/spaces/",
        f"/@{AUTHOR}/followers/",
    ]
    people += [f"/@{reader}/", f"/@{reader}/following/", "/@xss0/", "/@xss1/", "/@xss2/"]
    return [
        *fixed,
        *people,
        "/posts/compose/",
        "/settings/profile/",
        *(
            f"{path}?q={word}"
            for path in ("/search/", "/messages/search/")
            for word in ("x", "alert")
        ),
    ] + [
        f"{path}{_quoted(word)}"
        for word in words[::25]
        for path in (
            "/search/?q=",
            "/messages/search/?q=",
            "/tags/",
            "/posts/compose/?text=",
            "/spaces/?q=",
        )
    ]


def _quoted(word: str) -> str:
    return quote(word, safe="")


def plant(reader_handle: str) -> None:
    """Give a town to a reader whose every text is one of the strings."""
    from accounts.models import Follow, User
    from posts.models import Fleet, PostImage
    from posts.services import composing, drafts, fleets, messaging, posting, trends
    from posts.services.composing import Composed
    from posts.services.drafts import ComposerFields
    from posts.services.polls import NewPoll
    from spaces.services import scheduling
    from spaces.services.scheduling import SpaceDraft

    reader = User.objects.get(handle=reader_handle)
    words = payloads()
    author = User.objects.create_user(
        AUTHOR, f"{AUTHOR}@people.example", display_name=words[0][:50], bio=words[1][:160]
    )
    Follow.objects.create(follower=reader, followed=author)
    people = [_person(number, words) for number in range(PEOPLE)]
    Follow.objects.bulk_create([Follow(follower=one, followed=author) for one in people])
    Follow.objects.bulk_create([Follow(follower=reader, followed=one) for one in people])
    first = None
    for number, text in enumerate(words):
        post = posting.publish(author, text[:280], reply_to=first if number % 4 == 1 else None)
        first = first or post
        PostImage.objects.create(
            post=post, position=0, file="posts/none.webp", width=4, height=3, alt=text
        )
        type(post).objects.filter(pk=post.pk).update(image_count=1)
    for number in range(0, len(words), 4):
        posting.publish(
            author, "Which?", poll=NewPoll(list(_apart(words[number : number + 4])), 3600)
        )
    for number, one in enumerate(people):
        text = words[number * 5]
        posting.publish(one, f"@{reader.handle} {text}"[:280], quote_of=first)
        messaging.send(one, reader, text)
        messaging.send(reader, one, words[number * 5 + 1])
        fleets.publish(one, words[number * 5 + 2], None, Fleet.Audience.PUBLIC)
        if number % 4 == 0:
            scheduling.start(
                scheduling.open_now(one, SpaceDraft(title=words[number * 5 + 3][:70])), one
            )
    for text in words[:40]:
        drafts.save(reader, ComposerFields([text, text], list(_apart([text, text]))))
    composing.publish(reader, Composed(words[:3]))
    posting.edit(reader, posting.publish(reader, words[5]), words[6])
    trends.count()


def _person(number: int, words: list[str]) -> "User":
    from accounts.models import User

    text = words[number * 5]
    return User.objects.create_user(
        f"xss{number}", f"xss{number}@people.example", display_name=text[:50], bio=text[:160]
    )


def _apart(options: list[str]) -> Iterator[str]:
    """Options of a poll must differ, fit, and be one line."""
    for number, option in enumerate(options):
        yield f"{number}{''.join(char for char in option if char.isprintable())}"[:50]
