"""A text that is held as a number is told apart from all others, and comes back as it was."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custier.engines.keys import FEW, LOOKED_AT_ROWS, Numbered, find_keys

ODD_ENDS = ["", "-1", "+1", "1.0", " 1", "1 ", "１", "0x1", "1e3", "99999999999999999999", "\n1"]


def cells(*texts: str | None) -> pl.DataFrame:
    """A column as it was read: `id` trimmed, `id__cell` as in the file."""
    frame = pl.DataFrame({"id__cell": texts}, schema={"id__cell": pl.String})
    return frame.with_columns(id=pl.when(pl.col("id__cell").str.strip_chars() != "").then(pl.col("id__cell").str.strip_chars()))


def keys_of(*texts: str | None, counted: bool = False):
    frame = cells(*texts).lazy()
    return find_keys(frame, [] if counted else ["id"], ["id"] if counted else [])


def judged(form: Numbered, *texts: str | None) -> list[tuple[bool, int | None]]:
    frame = pl.DataFrame({"id": texts}, schema={"id": pl.String})
    return frame.select(form.is_odd(pl.col("id")), number=form.number(pl.col("id"))).rows()


@pytest.mark.parametrize(
    ("texts", "begin"),
    [
        (["C001", "C002"], "C00"),
        (["C001", "C912"], "C"),
        (["001", "912"], ""),
        (["7", "8"], ""),
        (["客户-01", "客户-20"], "客户-"),
        (["A1B1", "A1B2"], "A1B"),
        (["2024.01", "2024.12"], "2024."),
        (["C1", None], "C"),
    ],
)
def test_texts_of_one_length_that_end_in_digits_are_numbered(texts: list[str | None], begin: str) -> None:
    form = keys_of(*texts).numbered["id"]
    assert begin.startswith(form.begin) and len(form.begin) + form.digits == len(texts[0] or "")
    for text in filter(None, texts):
        ((odd, number),) = judged(form, text)
        assert not odd and pl.select(form.text(pl.lit(number))).item() == text


@pytest.mark.parametrize(
    "texts",
    [["C1", "C10"], ["A-7", "张三"], ["C1", "1C"], ["C1", "D1"], ["a", "b"], [None], ["1" * 19, "2" * 19], ["C1", "C１"], ["-1", "+1"]],
)
def test_texts_of_any_other_form_stay_texts_or_share_a_number_with_none(texts: list[str | None]) -> None:
    form = keys_of(*texts).numbered.get("id")
    if form is not None:
        found = judged(form, *texts)
        assert not any(odd for odd, _ in found) and len({number for _, number in found}) == len(texts)


@given(
    begin=st.text(st.sampled_from("C-0客é .*["), max_size=3),
    digits=st.integers(1, 18),
    numbers=st.lists(st.integers(0, 10**18 - 1), min_size=1, max_size=6),
    others=st.lists(st.text(st.sampled_from("C-0客é 19+\n١"), max_size=8) | st.sampled_from(ODD_ENDS), max_size=8),
)
def test_no_two_texts_that_are_not_odd_have_one_number(begin: str, digits: int, numbers: list[int], others: list[str]) -> None:
    usual = [f"{begin}{n % 10**digits:0{digits}}" for n in numbers]
    form = keys_of(*usual).numbered.get("id")
    if form is None:
        return
    texts = sorted({*usual, *others, *(begin + end for end in ODD_ENDS)} - {""})
    held = [(text, number) for text, (odd, number) in zip(texts, judged(form, *texts), strict=True) if not odd]
    assert len({number for _, number in held}) == len(held) and set(usual) <= {text for text, _ in held}
    numbers_held = pl.DataFrame({"number": pl.Series([number for _, number in held], dtype=pl.Int64)})
    assert numbers_held.select(text=form.text(pl.col("number")))["text"].to_list() == [text for text, _ in held]


@pytest.mark.parametrize("begin", [" ", "\t", "\u3000", "\u200b", "C\u202e", "\ufeffC", "\x00", "1.38001E+", "1e+"])
def test_a_beginning_that_is_trimmed_or_refused_is_not_numbered(begin: str) -> None:
    assert not keys_of(f"{begin}01", f"{begin}02").numbered


def test_a_missing_text_is_not_odd() -> None:
    keys = keys_of("C01", None)
    assert cells(None, "", "  ", "C02").select(odd=keys.odd, **keys.columns).rows() == [
        (False, None),
        (False, None),
        (True, None),
        (False, 2),
    ]


def test_few_different_texts_that_are_only_counted_are_held_by_their_place() -> None:
    keys = keys_of("甲", "乙", "甲", None, counted=True)
    held = cells("乙", "甲", None, "new", "甲", "").select(**keys.columns)["id"]
    assert not keys.numbered and held.dtype == pl.Int64 and held[0] != held[1] == held[4] and held.n_unique() == 4
    assert held[2] is None and held[5] is None and not keys.untrimmed


def test_spaces_around_few_texts_are_seen_among_the_first_rows_or_later() -> None:
    seen, later = keys_of("甲", " 甲", counted=True), keys_of("甲", "乙", counted=True)
    held = {
        name: cells("甲", " 甲 ", "甲\u3000", "  ").select(**keys.columns)["id"] for name, keys in {"seen": seen, "later": later}.items()
    }
    assert held["seen"][:3].n_unique() == 1 and held["seen"][3] is None and not seen.untrimmed
    assert held["later"][0] != held["later"][1] and later.untrimmed
    again = later.carefully()
    assert cells("甲", " 甲 ").select(**again.columns)["id"].n_unique() == 1 and not again.untrimmed


@pytest.mark.parametrize(
    ("usual", "texts", "numbers"),
    [
        (["C101", "C912"], ["c000", "C000", "n/a", "000", "C0000"], [0, 0]),
        (["101", "912"], ["0", "000", "0000", "０００", "-"], [0]),
        (["NA1", "NA2"], ["na", "na7", "n/a"], [7]),
    ],
)
def test_texts_that_are_known_by_heart_are_told_by_their_numbers(usual: list[str], texts: list[str], numbers: list[int]) -> None:
    assert keys_of(*usual).numbered["id"].numbers_among(texts) == numbers


def test_many_different_texts_stay_texts() -> None:
    keys = keys_of(*(f"{'x' * (n % 7 + 1)}{n}y" for n in range(FEW + 1)), counted=True)
    assert not keys.numbered and not keys.few


def test_only_the_first_rows_are_looked_at_and_every_row_is_checked() -> None:
    keys = keys_of(*(f"C{n:05}" for n in range(LOOKED_AT_ROWS)), "C-0001", "D00001", "C00001")
    odd = cells("C-0001", "D00001", "C00001", " C00001", "C00001 ", None).select(odd=keys.odd)["odd"].to_list()
    assert odd == [True, True, False, True, True, False]
