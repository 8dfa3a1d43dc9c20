"""
A text as a short signature, of which two tell how much of their texts is the same.

A text is the set of its runs of five words. Two texts are as alike as their sets: shared runs through all runs
(Jaccard). Words are compared without case, punctuation and diacritics: a story that is typed on another keyboard,
with "sikayet" for "şikâyet" or with straight quotes for curly ones, is the same. The stored text keeps them all.

A signature is a MinHash of one permutation: every run is hashed once and falls into one of 256 bins; each bin keeps
its least. An empty bin borrows from another, in an order of its own that is the same for every text (densification).
The share of equal bins estimates the likeness, with a standard deviation of at most sqrt(0.25 / 256) = 0.031. Only
BLAKE2b and SHAKE decide, never ``hash()``: a text has the same signature in every process and on every machine.
"""

import re
import struct
import unicodedata
from functools import cache
from hashlib import blake2b, shake_256

WORDS_A_RUN = 5
FEWEST_RUNS = 40
"""A text with fewer different runs (about 44 words) says too little to be compared, and has no signature."""

THRESHOLD = 0.5
"""
Texts that are at least so alike tell the same thing: of two equally long ones, two thirds are word for word the same.

Measured on the replica, eight seeds of 400 posts, half of them after 30 days of edits: the 28 pairs of which one copies
the other with one section written anew are 0.63 to 0.89 alike (by their signatures 0.61 to 0.91). Of the 1.2 million
unrelated pairs that share a run, made of the same few dozen sentences, none is more than 0.39 alike (0.40).
"""

BINS = 256
ROWS_A_BAND = 3
BANDS = 52
BANDS_SHARED = 2
"""
Two texts are compared if in two of 52 bands all three bins are equal: two, since of texts that share stock phrases
many have one band in common. Where their likeness is s, and p = s**3, that happens with the probability
1 - (1 - p)**52 - 52 * p * (1 - p)**51:

    likeness s   0.02      0.05      0.1     0.2    0.3    0.4    0.5    0.6      0.63
    compared     0.0000001 0.00002   0.0013  0.065  0.411  0.854  0.992  0.99995  0.99999

A pair at the threshold is missed once in 123 times, the least alike of the replica's copies once in 200,000.
"""

_WORD = re.compile(r"\w")
_MARKS = re.compile("[\u0300-\u036f]+")
_NOT_ASCII = re.compile("[^\x00-\x7f]")
_NO_WORDS = re.compile(r"[^\w\x00-\x7f]+")
_SPACED = bytes(code if code > 0x7F or _WORD.match(chr(code)) else 0x20 for code in range(256))
"""UTF-8 with a space for whatever ASCII has beside letters, digits and the underscore."""
_FEW = 40
_HASH = blake2b(digest_size=8)
_MORE = b"\xff" * 9
"""More than any digest of eight bytes."""
_SIGNATURE = struct.Struct(f"<{BINS}H")
SIGNATURE_BYTES = _SIGNATURE.size


def words(text: str) -> list[bytes]:
    """
    The words by which texts are compared, in UTF-8.

    >>> words("\u015eikâyet: \u201cIt\u2019s late\u201d")
    [b'sikayet', b'it', b's', b'late']
    """
    text = text.casefold()
    if not text.isascii():
        text = _without_marks(unicodedata.normalize("NFKD", text))
    return text.encode("utf-8", "surrogatepass").translate(_SPACED).split()


def _without_marks(text: str) -> str:
    """The text without diacritics, and a space for what else is of no word and beyond ASCII."""
    odd = set(_NOT_ASCII.findall(text))
    if len(odd) > _FEW:
        return _NO_WORDS.sub(" ", _MARKS.sub("", text))
    for letter in odd:  # mostly a few quotes and dashes: twice as fast
        if _MARKS.match(letter):
            text = text.replace(letter, "")
        elif not _WORD.match(letter):
            text = text.replace(letter, " ")
    return text


def runs(text: str) -> list[bytes]:
    """Every five words that follow each other, in the order of the text."""
    found = words(text)
    return list(map(b" ".join, zip(*(found[start:] for start in range(WORDS_A_RUN)), strict=False)))


def signature(text: str) -> bytes | None:
    """The signature of a text, SIGNATURE_BYTES long; None if it is too short to have one."""
    found = runs(text)
    if len(found) < FEWEST_RUNS:
        return None
    least, fresh = [_MORE] * BINS, _HASH.copy  # to copy an empty hash takes half as long as to make one
    for run in found:
        hashed = fresh()
        hashed.update(run)
        digest = hashed.digest()
        if digest < least[digest[-1]]:
            least[digest[-1]] = digest
    empty = [place for place in range(BINS) if least[place] is _MORE]
    if len(empty) > BINS - FEWEST_RUNS and len(set(found)) < FEWEST_RUNS:
        return None
    for place in empty:
        least[place] = next(least[other] for other in _lenders(place) if least[other] is not _MORE)
    # The first bytes decided which digest is the least, so later ones tell digests apart.
    return b"".join([digest[6:4:-1] for digest in least])


@cache
def _lenders(place: int) -> list[int]:
    """All bins, in the order in which an empty one asks them."""
    keys = shake_256(bytes([place])).digest(4 * BINS)
    return sorted(range(BINS), key=lambda other: (keys[4 * other : 4 * other + 4], other))


def similarity(one: bytes, other: bytes) -> float:
    """How alike the texts of two signatures are, from 0 to 1."""
    differing = int.from_bytes(one, "little") ^ int.from_bytes(other, "little")  # 0 in each bin that is equal
    return _SIGNATURE.unpack(differing.to_bytes(SIGNATURE_BYTES, "little")).count(0) / BINS


def bands(made: bytes) -> tuple[int, ...]:
    """BANDS numbers of 54 bits, no two alike. Texts that share fewer than BANDS_SHARED are not worth comparing."""
    values = _SIGNATURE.unpack(made)
    triples = zip(*[iter(values[: BANDS * ROWS_A_BAND])] * ROWS_A_BAND, strict=True)
    return tuple(band << 48 | a << 32 | b << 16 | c for band, (a, b, c) in enumerate(triples))
