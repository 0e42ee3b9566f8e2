"""Flags and segments: what is missing is no, or otherwise."""

from __future__ import annotations

from typing import Any


def test_flags_and_segments(graded: Any, bought: Any) -> None:
    rubric = """
flags: {high: spend > 10, basket: average_order >= 5, not-low: not average_order < 5}
segments: {size: {big: spend > 10, mid: spend > 1, small: otherwise}, 频率: {常: average_order >= 0, 无: otherwise}}
"""
    rows = [("a", "2025-06-01", "10.01"), ("b", "2025-06-01", "10"), ("c", "2025-06-01", "1"), ("old", "2020-01-01", "99")]
    run = graded(rubric, bought(*rows))
    assert run.column("flags") == {"a": "high; basket; not-low", "b": "basket; not-low", "c": "", "old": ""}
    assert run.column("size") == {"a": "big", "b": "mid", "c": "small", "old": "small"}
    assert run.column("频率") == {"a": "常", "b": "常", "c": "常", "old": "无"}
    assert run.column("flag_high") == {"a": True, "b": False, "c": False, "old": False}


def test_without_flags_the_column_is_empty(graded: Any, spent: Any) -> None:
    assert graded("{}", spent(a="1"))["a"]["flags"] == ""
