"""Metrics that nothing in the rubric uses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from custier.rubric.check.finding import Finding, Findings
from custier.rubric.model import Rubric


def every_metric_is_used(rubric: Rubric) -> Findings:
    """A warning: a metric that only the labels show, and that has no title to be shown under."""
    for name, metric in rubric.metrics.items():
        others = rubric.model_dump(exclude={"metrics": {name}}, exclude_none=True)
        if metric.title is None and name not in _words(others):
            what = f"the metric `{name}` is used by nothing and only shown in the labels"
            yield Finding(("metrics", name), "CT1493", what, "give it a title if it is meant to be shown, or leave it out")


def _words(said: Any) -> set[str]:
    """Every word of the texts and keys in a block."""
    return {word for text in _texts(said) for word in re.findall(r"[\w-]+", text)} | set(_texts(said))


def _texts(said: Any) -> Iterator[str]:
    if isinstance(said, dict):
        for key, value in said.items():
            yield key
            yield from _texts(value)
    elif isinstance(said, list):
        for item in said:
            yield from _texts(item)
    elif isinstance(said, str):
        yield said
