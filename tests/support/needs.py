"""What a test needs of the machine, and what becomes of the test where it is missing."""

import os
from typing import TypeVar

import pytest

Found = TypeVar("Found")


def needs(found: Found | None, reason: str, *, long: bool = False) -> Found:
    """Return `found`; where there is nothing (None, False, ""), skip the test with the reason.

    In CI (the environment variable `CI` is set) it fails instead, so that no promise goes unproven there. `long`: a
    test of `make test-long`, which CI does not run; it is always skipped.
    """
    if found:
        return found
    if os.environ.get("CI") and not long:
        pytest.fail(f"{reason} (CI must have what the tests need)", pytrace=False)
    pytest.skip(reason)
