"""
CSS matched as browsers do, from its end back: the tag that a query ends with leaves few elements to look at, where
XPath asks every element for its class.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

from cssselect import parser
from lxml import etree

Test = Callable[[etree._Element], bool]
Step = tuple[bool, Test]
"""Whether an element has to be the parent itself, and what has to be true of it."""
Known = list[dict[etree._Element, bool]]
"""A step each: of which elements it is known whether they, or what they stand in, do."""
Chains = list[tuple[Test | None, list[Step], Known]]
_SPACE = re.compile("[ \t\r\n]+")  # as XPath has it


class UnknownToMatcherError(ValueError):
    """A selector that only XPath can answer."""


class Matcher:
    """
    A list of selectors made of tags, classes, ids, attributes and ``:is``, parted by spaces or ``>``.

    :raises UnknownToMatcherError: there is something else in it
    """

    def __init__(self, css: str) -> None:
        chains = [_chain(selector) for selector in parser.parse(css)]
        tags = {tag for tag, _, _ in chains}
        self._path = _path(chains)
        self.is_path = bool(self._path)
        """Whether it is one path of parents and children, which can be followed from its beginning."""
        self.ends_with_tags = None not in tags
        """Whether each selector names the tag of what it finds."""
        self._tags = tuple(tag for tag in tags if tag) if self.ends_with_tags else ("*",)
        is_told = len(tags) == 1  # no element of another tag comes up
        self._chains = [(_both(None if is_told else tag, tests), steps) for tag, tests, steps in chains]

    def __call__(self, root: etree._Element) -> list[etree._Element]:
        """All below an element that match, in document order."""
        return list(self._found(root))

    def first(self, root: etree._Element) -> etree._Element | None:
        """The first below an element that matches."""
        return next(iter(self._found(root)), None)

    def first_child(self, root: etree._Element) -> etree._Element | None:
        """The first that matches, where ``is_path``, of which the path begins with a child of an element."""
        return _led_to(root, self._path, 0)

    def _found(self, root: etree._Element) -> Iterable[etree._Element]:
        candidates = root.iterdescendants(*self._tags)
        if len(self._chains) > 1:
            chains: Chains = [(test, steps, [{} for _ in steps]) for test, steps in self._chains]
            return (one for one in candidates if _matches_any(one, root, chains))
        ((test, steps),) = self._chains
        if not steps:
            return filter(test, candidates) if test else candidates
        known: Known = [{} for _ in steps]
        return (one for one in candidates if (not test or test(one)) and _stands_in(one, root, steps, known, 0))


def _matches_any(element: etree._Element, root: etree._Element, chains: Chains) -> bool:
    for test, steps, known in chains:
        if (not test or test(element)) and (not steps or _stands_in(element, root, steps, known, 0)):
            return True
    return False


def _led_to(element: etree._Element, path: list[Test], at: int) -> etree._Element | None:
    """The first element that the path leads to, from a step on."""
    test, is_last = path[at], at + 1 == len(path)
    for child in element.iterchildren("*"):
        if test(child):
            found = child if is_last else _led_to(child, path, at + 1)
            if found is not None:
                return found
    return None


def _stands_in(element: etree._Element, root: etree._Element, steps: list[Step], known: Known, at: int) -> bool:
    """Whether an element stands, below the root, in what the steps from one on say."""
    is_parent, test = steps[at]
    told, passed, found = known[at], [], False
    parent = element.getparent()
    while parent is not None and parent is not root:
        if parent in told:  # else deep markup would be climbed by each element in it
            found = told[parent]
            break
        found = test(parent) and (at + 1 == len(steps) or _stands_in(parent, root, steps, known, at + 1))
        if is_parent:
            return found
        passed.append(parent)
        if found:
            break
        parent = parent.getparent()
    for one in passed:
        told[one] = found
    return found


def _chain(selector: parser.Selector) -> tuple[str | None, list[Test], list[Step]]:
    """The tag and the tests of what a selector finds, and the steps that lead to it, the last one first."""
    tree: Any = selector.parsed_tree
    if selector.pseudo_element:
        raise UnknownToMatcherError(selector)
    combinators, compounds = [], []
    while isinstance(tree, parser.CombinedSelector):
        if tree.combinator not in {" ", ">"}:
            raise UnknownToMatcherError(selector)
        combinators.append(tree.combinator == ">")
        compounds.append(_compound(tree.subselector))
        tree = tree.selector
    compounds.append(_compound(tree))
    behind = [_both(*compound) or _is_any for compound in compounds[1:]]
    return *compounds[0], list(zip(combinators, behind, strict=True))


def _path(chains: list[tuple[str | None, list[Test], list[Step]]]) -> list[Test]:
    """The steps of a selector that is alone and made of children only, the first one first; else none."""
    tag, tests, steps = chains[0]
    if len(chains) > 1 or not all(is_parent for is_parent, _ in steps):
        return []
    return [*(test for _, test in reversed(steps)), _both(tag, tests) or _is_any]


def _compound(tree: Any) -> tuple[str | None, list[Test]]:
    """The tag that a selector without combinators names, and what else it asks."""
    if isinstance(tree, parser.Element) and not tree.namespace:
        return (tree.element.lower() if tree.element else None), []
    if not isinstance(tree, (parser.Matching, parser.Class, parser.Hash, parser.Attrib)):
        raise UnknownToMatcherError(tree)
    tag, tests = _compound(tree.selector)
    if isinstance(tree, parser.Matching):
        return tag, [*tests, _either([_compound(one) for one in tree.selector_list])]
    if isinstance(tree, parser.Class):
        return tag, [*tests, _has_token("class", tree.class_name)]
    if isinstance(tree, parser.Hash):
        return tag, [*tests, _is_value("id", tree.id)]
    if tree.namespace:
        raise UnknownToMatcherError(tree)
    return tag, [*tests, _attribute(tree)]


def _both(tag: str | None, tests: list[Test]) -> Test | None:
    """All that is asked of an element as one test; None where that is nothing."""
    wanted = [_has_tag(frozenset({tag})), *tests] if tag else tests
    if len(wanted) < 2:
        return wanted[0] if wanted else None
    if len(wanted) == 2:
        first, second = wanted
        return lambda element: first(element) and second(element)
    return lambda element: all(test(element) for test in wanted)


def _either(compounds: list[tuple[str | None, list[Test]]]) -> Test:
    """One of several; the tags first, which cost least."""
    tags = frozenset(tag for tag, tests in compounds if tag and not tests)
    others = [_both(tag, tests) or _is_any for tag, tests in compounds if tests or not tag]
    if not others:
        return _has_tag(tags)
    first, *rest = others
    if rest:
        return lambda element: element.tag in tags or any(test(element) for test in others)
    return lambda element: element.tag in tags or first(element)


def _is_any(_: etree._Element) -> bool:
    return True


def _attribute(tree: Any) -> Test:
    if getattr(tree, "flag", None):  # [a="b" i]; older versions of cssselect know none
        raise UnknownToMatcherError(tree)
    name, value = tree.attrib.lower(), tree.value.value if tree.value else ""
    if tree.operator == "exists":
        return lambda element: element.get(name) is not None
    if tree.operator == "=":
        return _is_value(name, value)
    if tree.operator == "~=" and value and not _SPACE.search(value):
        return _has_token(name, value)
    if tree.operator == "^=" and value:
        return lambda element: (element.get(name) or "").startswith(value)
    if tree.operator == "*=" and value:
        return lambda element: value in (element.get(name) or "")
    raise UnknownToMatcherError(tree)


def _has_tag(tags: frozenset[str]) -> Test:
    return lambda element: element.tag in tags


def _is_value(name: str, value: str) -> Test:
    return lambda element: element.get(name) == value


def _has_token(name: str, token: str) -> Test:
    between = f" {token} "

    def test(element: etree._Element) -> bool:
        value = element.get(name)
        return value is not None and token in value and (between in f" {value} " or token in _SPACE.split(value))

    return test
