"""What some tests need of the machine: they are skipped where it is missing, and fail for it in CI."""

import os
from typing import NoReturn

import pytest

IN_CI = bool(os.environ.get("CI"))


def needs(what: str, is_there: object) -> pytest.MarkDecorator:
    """The mark of tests that need a tool."""
    return pytest.mark.skipif(not is_there and not IN_CI, reason=f"needs {what}; see .ci/run")


def lacking(what: str) -> NoReturn:
    """Skip the test that finds it missing; in CI it fails."""
    if IN_CI:
        pytest.fail(f"{what}; see .ci/run")
    pytest.skip(what)
