"""Whether grading customers is worth it: more of them than one person can look after, who come back, and differ in value."""

from __future__ import annotations

from decimal import Decimal

from custier.profile.values import Concentration, Repeat, Test

LOOKED_AFTER = Decimal(100)
"""Our choice: as many customers as one person can know one by one."""

REPEATED = Decimal("0.2")
"""Our choice: a fifth of the customers bought more than once; who buys once is an opportunity, not a customer to grade."""

DIFFERS = Decimal("0.4")
"""Our choice: the best fifth has at least twice its part. Where all spend alike, places among them say little."""

FIFTH = 20


def three_tests(customers: int, repeat: Repeat | None, concentration: Concentration | None) -> list[Test]:
    """The three tests, each with what it observed and needs."""
    again = repeat.share_with_2_or_more if repeat else None
    fifth = next((top.share for top in concentration.top if top.percent == FIFTH), None) if concentration else None
    return [
        Test("customers", customers > LOOKED_AFTER, Decimal(customers), LOOKED_AFTER),
        Test("repeat", None if again is None else again >= REPEATED, again, REPEATED),
        Test("value", None if fifth is None else fifth >= DIFFERS, fifth, DIFFERS),
    ]


def verdict_of(tests: list[Test]) -> str:
    """`worth it` where all hold; `hardly` where value does not differ or two fail; else `perhaps`."""
    failed = [test.name for test in tests if test.passed is False]
    if all(test.passed for test in tests):
        return "worth it"
    return "hardly" if "value" in failed or len(failed) > 1 else "perhaps"
