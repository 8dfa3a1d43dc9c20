"""Text of a site or of an error, made fit for one line of a terminal, a mail or a chat."""

MOST = 500
"""Characters of a line."""


def one_line(text: str, most: int = MOST) -> str:
    """
    The text on one line, without control characters, cut where it is long.

    >>> one_line("a\\n b\\x1b[31mc")
    'a b[31mc'
    """
    line = "".join(letter for letter in " ".join(text.split()) if letter.isprintable())
    return line if len(line) <= most else f"{line[: most - 3]}..."


def counted(number: int, noun: str) -> str:
    """
    A number with its noun.

    >>> counted(1, "article"), counted(2, "article")
    ('1 article', '2 articles')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def lasting(seconds: float) -> str:
    """
    A span of time in its largest unit, rounded down.

    >>> [lasting(one) for one in (0, 59, 61, 7300, 200_000)]
    ['0 seconds', '59 seconds', '1 minute', '2 hours', '2 days']
    """
    for size, noun in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            return counted(int(seconds // size), noun)
    return counted(int(seconds), "second")
