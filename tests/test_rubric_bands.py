"""Bands hold every value once, or it is said which of them do not."""

import random
from decimal import Decimal

import pytest

from custier.rubric.bands import band_faults
from custier.rubric.model import Band


def bands(*spans: dict[str, object]) -> list[Band]:
    return [Band.model_validate({"points": 1, **span} if "otherwise" not in span else span) for span in spans]


REST = {"otherwise": 0}


@pytest.mark.parametrize(
    "good",
    [
        [REST],
        [{"at_least": 500}, {"at_least": 200}, REST],
        [{"above": 10}, {"at_least": 4}, REST],
        [{"above": 10}, {"at_least": 10}, REST],
        [{"at_most": 0}, {"at_most": 30}, REST],
        [{"below": 0}, {"at_most": 0}, REST],
        [{"at_least": 5}, {"below": 5}],
        [{"at_least": 10, "below": 20}, {"at_least": 20}, {"below": 10}],
        [{"at_least": 1, "at_most": 3}, {"above": 3}, REST],
        [{"at_least": 20}, {"at_most": 10}, REST],
        [{"at_least": 7, "at_most": 7}, REST],
    ],
)
def test_bands_that_hold_every_value_once_have_no_fault(good: list[dict[str, object]]):
    assert band_faults(bands(*good)) == []


@pytest.mark.parametrize(
    ("faulty", "band", "code", "said"),
    [
        ([{"at_least": 500}, {"at_least": 200}], None, "CT1401", "values below 200"),
        ([{"above": 5}, {"below": 5}], None, "CT1401", "values at_least 5 and at_most 5"),
        ([{"at_least": 20}, {"at_most": 10}], None, "CT1401", "values above 10 and below 20"),
        ([{"at_least": 100, "below": 500}, {"at_least": 400}, REST], 1, "CT1402", "`at_least 400` overlaps `at_least 100 and below 500`"),
        ([{"at_least": 200}, {"at_least": 50, "at_most": 200}, REST], 1, "CT1402", "overlaps `at_least 200`"),
        ([{"at_most": 100}, {"at_least": 50}], 1, "CT1402", "overlaps `at_most 100`"),
        ([{"at_least": 50}, {"at_least": 500}, REST], 1, "CT1403", "`at_least 500` is never reached"),
        ([{"at_most": 30}, {"at_most": 0}, REST], 1, "CT1403", "never reached"),
        ([{"at_least": 5}, {"at_least": 5}, REST], 1, "CT1403", "never reached"),
        ([REST, {"at_least": 5}], 1, "CT1403", "never reached"),
        ([{"at_least": 5}, {"below": 5}, REST], 2, "CT1403", "`otherwise` is never reached"),
        ([{"at_least": 500, "at_most": 100}, REST], 0, "CT1403", "holds no value"),
        ([{"at_least": 5, "below": 5}, REST], 0, "CT1403", "holds no value"),
    ],
)
def test_a_fault_names_its_band_and_kind(faulty: list[dict[str, object]], band: int | None, code: str, said: str):
    [fault] = band_faults(bands(*faulty))
    assert (fault.band, fault.code) == (band, code)
    assert said in fault.what
    assert fault.help


def holds(band: Band, value: Decimal) -> bool:
    return (
        (band.at_least is None or value >= band.at_least)
        and (band.above is None or value > band.above)
        and (band.at_most is None or value <= band.at_most)
        and (band.below is None or value < band.below)
    )


def test_bands_without_fault_give_every_value_a_band_and_every_band_a_value():
    chance, faultless = random.Random(7), 0
    values = [Decimal(n) / 2 for n in range(-3, 14)]
    for _ in range(4000):
        spans = [
            {chance.choice(["at_least", "above"]): chance.randint(0, 5)}
            | ({chance.choice(["at_most", "below"]): chance.randint(0, 5)} if chance.random() < 0.3 else {})
            for _ in range(chance.randint(1, 3))
        ]
        tried = bands(*spans, REST)
        first = [next(i for i, band in enumerate(tried) if holds(band, value)) for value in values]
        if not band_faults(tried):
            faultless += 1
            assert set(first) == set(range(len(tried)))
        elif all(len(span) == 1 for span in spans):
            assert set(first) != set(range(len(tried)))
    assert faultless > 100
