"""Names of hosts in what people write: which are plainly hosts, and how they are shown."""

import functools

import idna
import regex


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# A name under one of these is a host wherever it stands.
_GENERIC = _set(
    "com net org edu gov mil info biz app dev social coop aero asia museum shop example рф бел "
    "укр срб қаз бг ею ευ ελ հայ գე 中国 中國 香港 台灣 台湾 한국 ไทย"
)
# IANA's countries, but for those whose letters end files: "README.md", "main.py", "run.sh".
_COUNTRIES = _set(
    "ae af ai ao aq ar au aw ax az ba bb bd bf bg bh bi bj bm bn bo br bs bt bw bz ca cd cf cg "
    "ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm dz ec ee eg eu fi fj fk fm fo fr ga "
    "ge gf gg gh gi gm gn gp gq gr gt gu gw gy hk hm hn hr ht hu id ie il io iq ir jm jp kg kh "
    "km kn kp kr kw ky kz lb lk lr ls lt lu lv ly mc mg mh mn mq mr mt mv mw mx mz nc nf ng nl "
    "np nr nz pf pg ph pk pl pn pr pt pw qa ro ru rw sb sg sj sk sl sm sn sr st sy sz tc td tg "
    "th tj tk tl tn tr tt tv tw tz ua ug uk uy uz vc vg vi vn vu wf ws ye yt za zm zw"
)
# Those that are everyday words, too, or now and then a file: "done.so", "z.B.im", "configure.ac".
_ALSO_WORDS = _set(
    "ac ad ag al am as at be by do er es et gd gl gs im in is it je jo ke ki la lc li ma me mk "
    "mo ms mu my na ne ni no nu om pa pe re sa sc sd se si su sv tm to us va ve"
)
# "bbc.co.uk", "detik.co.in": what a country's hosts are sorted by.
_SECOND = _set("ac co com edu gen go gob gov gouv mil ne net or org sch")
_SHORTEST = 3  # The longest label of "u.a.de" and "Mr.de" is shorter.


def is_plain(name: str, *, has_path: bool) -> bool:
    """True if `name`, which stands without scheme and "www.", can only be meant as a host.

    A file is none, nor are two sentences that lack the blank between them: the second begins with a
    capital or is a word that is a country's code, too.
    """
    *labels, top = name.split(".")
    if top in _GENERIC:
        return True
    if not is_top(top):
        return False
    if has_path or (len(labels) > 1 and labels[-1] in _SECOND):
        return True
    is_long = not name.isascii() or max(map(len, labels)) >= _SHORTEST
    return top in _COUNTRIES and is_long and min(map(len, labels)) > 1


def is_top(label: str) -> bool:
    """True if `label` is the last one of hosts."""
    return label in _GENERIC or label in _COUNTRIES or label in _ALSO_WORDS


def shown(host: str) -> str:
    """Return `host` as its reader may trust it: in punycode if it could be taken for another one.

    Raises ValueError if it is no name that a browser would look up.
    """
    return host if host.isascii() else _shown_beyond_ascii(host)


@functools.lru_cache(maxsize=256)
def _shown_beyond_ascii(host: str) -> str:
    # Mapped first, as browsers do: capitals, wide forms. UnicodeError is a ValueError.
    mapped = idna.uts46_remap(host, std3_rules=False, transitional=False)
    encoded = idna.encode(mapped).decode()
    *labels, top = mapped.split(".")
    is_honest = all(_ONE_SCRIPT.fullmatch(label) for label in [*labels, top])
    if top.isascii():
        is_honest = is_honest and not any(
            _LOOKS_LATIN.fullmatch(label) for label in labels if not label.isascii()
        )
    return mapped if is_honest and not any(map(_STROKE.search, labels)) else encoded


# UTS #39 section 5.2, "highly restrictive": one script of UAX #31 table 5 a label, or Latin with
# those that are written together with it.
_SCRIPTS = (
    "Arab Armn Beng Bopo Cyrl Deva Ethi Geor Grek Gujr Guru Hang Hani Hebr Khmr Knda Laoo Mlym "
    "Mymr Orya Sinh Taml Telu Thaa Thai Tibt"
)
# Of Latin only what languages are written with: "ɡ" and "ǃ" are signs of phonetics.
_LATIN = r"[a-z\u00df-\u01bf\u01c4-\u024f\u1e00-\u1eff\u0300-\u036fɓɔɖɗəɛɣɨɩɲʉʊʋʒ]"
_ALPHABETS = [
    *(rf"\p{{scx={script}}}" for script in _SCRIPTS.split()),
    _LATIN,
    rf"{_LATIN}\p{{scx=Hani}}\p{{scx=Hira}}\p{{scx=Kana}}",
    rf"{_LATIN}\p{{scx=Hani}}\p{{scx=Bopo}}",
    rf"{_LATIN}\p{{scx=Hani}}\p{{scx=Hang}}",
]
_ONE_SCRIPT = regex.compile("(?V1)" + "|".join(f"[{one}0-9-]+" for one in _ALPHABETS))
# Whole words of these can be read as Latin (UTS #39 section 4.2; the letters are Chromium's).
_LOOKS_LATIN = regex.compile(
    "(?:[аысԁеԍһіюјӏорԗԛѕԝхуъьҽпгѵѡ0-9-]+"  # Cyrillic
    "|[αικνρυωηοτ0-9-]+"  # Greek
    "|[ագզէլհյոսւօ0-9-]+"  # Armenian
    "|[იოყძხჽჿ0-9-]+"  # Georgian
    "|[דוחיןסװײ0-9-]+)"  # Hebrew
)
# Between Latin letters these pass for "/", "-" and "'".
_STROKE = regex.compile("[a-z0-9][ノンソゾ丶丿乀乁一ー・〳][a-z0-9]")
