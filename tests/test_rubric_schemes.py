"""What is said of the rubrics that ship, and what holds for every one of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from custier.rubric import load_rubric, shipped_rubrics, shipped_text

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "schemes.md").read_text(encoding="utf-8")
TABLE = {
    cells[0].strip("`"): cells[1:] for line in PAGE.splitlines() if line.startswith("| `") for cells in [re.split(r" *\| *", line)[1:-1]]
}


def test_the_page_of_schemes_has_every_rubric_that_ships_in_order() -> None:
    assert list(TABLE) == shipped_rubrics()


@pytest.mark.parametrize("name", shipped_rubrics())
def test_the_page_says_what_a_rubric_is_called_in_chinese_and_which_tables_it_reads(name: str) -> None:
    rubric, (chinese, graded_by, needed, taken) = load_rubric(name).rubric, TABLE[name]
    assert rubric.title is not None and rubric.title.zh == chinese and graded_by
    for said, optional in ((needed, False), (taken, True)):
        assert set(re.findall(r"\w+", said)) & SOURCES == {source for source, spec in rubric.sources.items() if spec.optional == optional}


SOURCES = {source for name in shipped_rubrics() for source in load_rubric(name).rubric.sources}


@pytest.mark.parametrize("name", shipped_rubrics())
def test_a_rubric_that_ships_is_named_as_its_file_and_speaks_both_languages(name: str) -> None:
    rubric = load_rubric(name).rubric
    titles = [rubric.title, *(tier.title for tier in rubric.tiers)]
    assert rubric.rubric == name and all(title is not None and title.zh for title in titles)
    assert all(metric.title is None or metric.title.zh for metric in rubric.metrics.values())
    assert shipped_text(name).splitlines()[3].startswith("# ") and max(map(len, shipped_text(name).splitlines())) <= 140


def test_every_rubric_that_ships_has_a_case() -> None:
    cases = {yaml.safe_load(path.read_text(encoding="utf-8"))["rubric"] for path in (ROOT / "tests" / "cases").glob("*/case.yaml")}
    assert sorted(set(shipped_rubrics()) - cases) == []
