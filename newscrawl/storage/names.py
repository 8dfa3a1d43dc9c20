"""Names of sections, tags and authors as people type them: in any case, or as the slug of their address."""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from urllib.parse import unquote, urlsplit

from newscrawl.exceptions import UsageProblem

# What WordPress makes of letters that do not decompose, and of marks that part no words.
_LETTERS = str.maketrans(
    {"ı": "i", "ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th"}
    | dict.fromkeys("'\u2018\u2019\u201c\u201d\"", "")
)
_PARTS = re.compile(r"[^a-z0-9]+")
_MOST_SHOWN = 12


def slug_of(name: str) -> str:
    """
    The slug that WordPress gives a name.

    >>> slug_of("Özgür’s U.S. News")
    'ozgurs-u-s-news'
    """
    plain = unicodedata.normalize("NFKD", name.lower().translate(_LETTERS)).encode("ascii", "ignore").decode("ascii")
    return _PARTS.sub("-", plain).strip("-")


def last_step(url: str | None) -> str:
    """
    The last step of an address's path, where a site shows the slug; empty where there is none.

    >>> last_step("https://newsjournos.com/category/world/")
    'world'
    """
    return unquote(urlsplit(url).path.rstrip("/").rpartition("/")[2]) if url else ""


def fold(name: str) -> str:
    """
    A name without the differences that nobody types.

    >>> fold(" U.S.  News") == fold("u.s. news")
    True
    """
    return " ".join(unicodedata.normalize("NFC", name.casefold()).split())


def resolve(option: str, wanted: Iterable[str], known: Mapping[str, Iterable[str | None]]) -> list[str]:
    """
    The known names that the wanted ones mean.

    :param option: which option gave them, for the error
    :param wanted: each a name, a slug, or several of either with commas between
    :param known: each name with the addresses of its pages
    :raises UsageProblem: one of them is no name that is known
    """
    by_key: dict[str, dict[str, None]] = {}
    for name, urls in known.items():
        for key in {fold(name), slug_of(name), *(last_step(url).casefold() for url in urls)} - {""}:
            by_key.setdefault(key, {})[name] = None
    found: dict[str, None] = {}
    for text in wanted:
        parts = [text] if fold(text) in by_key else text.split(",")  # a name may hold a comma
        for part in parts:
            if fold(part) not in by_key:
                raise UsageProblem(f"{option} {part.strip()!r}: no article has it; {_known(part, list(known))}")
            found |= by_key[fold(part)]
    return list(found)


def _known(wanted: str, names: list[str]) -> str:
    """The names that there are, or the nearest where they are many."""
    if not names:
        return "there is none"
    if len(names) <= _MOST_SHOWN:
        return f"known are {', '.join(sorted(names))}"
    folded = {fold(name): name for name in names}
    near = difflib.get_close_matches(fold(wanted), folded, n=5, cutoff=0.5)
    near = near or difflib.get_close_matches(fold(wanted), folded, n=5, cutoff=0)
    return f"the nearest of {len(names)} are {', '.join(folded[key] for key in near)}"
