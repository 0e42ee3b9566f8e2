"""What a check finds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from custier.rubric.yaml_file import Place


class Finding(NamedTuple):
    """One disagreement between parts of a rubric, and the key path where it shows."""

    place: Place
    code: str
    what: str
    help: str


Findings = Iterator[Finding]
