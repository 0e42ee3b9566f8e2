"""The rubric that a call names."""

from __future__ import annotations

from pathlib import Path

from custier.rubric.load import load_rubric as load
from custier.rubric.model import Rubric


def load_rubric(name_or_path: str | Path) -> Rubric:
    """The rubric of a file, or the shipped one of this name (`custier rubric list`); raises CustierError with all its problems."""
    return load(name_or_path).rubric
