"""Whether grading is worth it, in words with the figures and the reason."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from custier.profile.values import Profile, Test
from custier.rubric.suspects import MANY_WITHOUT_CUSTOMER
from custier.show.grid import named, section
from custier.show.look import Look, styled
from custier.show.words import share

STYLES = {True: "green", False: "red", None: "yellow"}


def worth(profile: Profile, look: Look) -> RenderableType:
    """The three tests, one line each, and what they come to."""
    lines = [(_mark(test, look), styled(_said(test, look), STYLES[test.passed])) for test in profile.tests]
    doubts = [styled(text, "yellow") for text in _left_blank(profile, look)]
    return section(look.told("is grading worth it?"), named(lines, 7), Text(), styled(_verdict(profile.verdict, look), "bold"), *doubts)


def _left_blank(profile: Profile, look: Look) -> Iterator[str]:
    """What the figures leave out where many rows do not say whose they are."""
    for column in profile.columns:
        if column.role == "customer" and column.missing_share > MANY_WITHOUT_CUSTOMER:
            said = (
                "But {rows:,} rows ({share}) have no `{header}` and are in none of these figures. Most often cells are merged, or only the "
                "first row of an order is filled: fill them down in the export first."
            )
            yield look.told(said, rows=column.missing, share=share(float(column.missing_share)), header=column.header)


def _mark(test: Test, look: Look) -> str:
    return look.told("cannot tell") if test.passed is None else look.told("yes") if test.passed else look.told("no")


def _said(test: Test, look: Look) -> str:
    if test.name == "customers":
        said = (
            "{observed:,} customers are more than one person can look after one by one (about {needed})"
            if test.passed
            else "{observed:,} customers are few enough to look after one by one (about {needed} a person)"
        )
        return look.told(said, observed=int(test.observed or 0), needed=test.needed)
    if test.observed is None:
        return look.told("no column is an amount, so nothing says how much customers differ in value")
    observed, needed = share(float(test.observed)), share(float(test.needed))
    if test.name == "repeat":
        said = (
            "{observed} of the customers bought more than once ({needed} would do)"
            if test.passed
            else "only {observed} of the customers bought more than once, and one sale needs no grade ({needed} would do)"
        )
        return look.told(said, observed=observed, needed=needed)
    said = (
        "the best fifth has {observed} of spend: customers differ clearly in value ({needed} would do)"
        if test.passed
        else "the best fifth has only {observed} of spend: customers are nearly alike in value ({needed} would do)"
    )
    return look.told(said, observed=observed, needed=needed)


def _verdict(verdict: str, look: Look) -> str:
    match verdict:
        case "worth it":
            return look.told("Grading is worth it.")
        case "hardly":
            return look.told("Grading is hardly worth it.")
    return look.told("Grading may be worth it; look at what speaks against it.")
