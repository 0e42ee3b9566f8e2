"""A source of a rubric as the files speak for it: each column with its reason, and the questions that only a person can answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from custier.errors import Problem, UsageError, listed, nearest
from custier.propose.amounts import quantity_by_price, repeated_amount
from custier.propose.formats import Written, dates_as_written, numbers_as_written
from custier.propose.mapping import Choice, Question, Why, find_column
from custier.propose.nobody import NO_CUSTOMER, is_often_blank, left_blank, of_nobody
from custier.propose.opened import Opened
from custier.propose.rows import total_lines, undone
from custier.propose.seen import Seen, seen_columns
from custier.propose.told import Key, Told, as_told, source_of
from custier.read.dates import EXCEL
from custier.rubric.columns import usual_columns
from custier.rubric.model import Source
from custier.rubric.numbers import CURRENCIES
from custier.rubric.scalars import MOST_DECIMALS

LEAST_DECIMALS = 2
SERIALS = "the cells of `{column}` are no dates, but most likely days as Excel counts them"


@dataclass(frozen=True)
class Proposal:
    """One source. lacking: columns that the rubric needs and the files do not seem to have; decimals: of its money; undone: header of
    states → those that say that a purchase did not stand, where nothing is said of it."""

    source: str
    opened: Opened
    columns: tuple[Seen, ...]
    choices: tuple[Choice, ...]
    keys: tuple[Key, ...]
    questions: tuple[Question, ...]
    lacking: tuple[str, ...]
    decimals: int
    undone: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def spec(self) -> Source:
        """The source as a rubric has it."""
        return source_of({k.name: k.value for k in self.keys} | {c.column: c.value for c in self.choices})


def propose_source(source: str, opened: Opened, wanted: Mapping[str, bool], told: Told) -> Proposal:
    """The columns of these files; wanted: canonical column → whether the rubric needs it. Raises UsageError (CT1900)."""
    _refuse_unknown(source, wanted, told)
    columns = seen_columns(opened)
    found = {c: _found(source, c, columns, told) for c in wanted}
    chosen = {c: choice for c, choice in found.items() if isinstance(choice, Choice)}
    written = {c: w for c, choice in chosen.items() if (w := _written(source, opened, columns, choice, told))}
    questions = [q for q in found.values() if isinstance(q, Question)]
    questions += [q for c, w in written.items() if (q := _which_reading(c, w))]
    if "amount" not in told.columns and (repeated := repeated_amount(opened, columns, chosen)):
        questions.append(repeated)
    if source == "transactions" and (at := _undecided(columns, chosen, told)) is not None and is_often_blank(opened, at):
        questions.append(left_blank(opened, at))
    return Proposal(
        source,
        opened,
        tuple(columns),
        choices=tuple(replace(choice, keys=written[c].keys) if c in written else choice for c, choice in chosen.items()),
        keys=tuple(_keys(opened, columns, chosen, written, told)),
        questions=tuple(questions),
        lacking=tuple(c for c, must in wanted.items() if must and found[c] is None),
        decimals=_decimals(opened, columns, chosen.get("amount"), written),
        undone={} if any(key.name == "where" for key in told.keys) else undone(opened, columns),
    )


def _refuse_unknown(source: str, wanted: Mapping[str, bool], told: Told) -> None:
    known = [*wanted, *(c for c in usual_columns(source) if c not in wanted)]
    for column in told.columns:
        if column not in known:
            near = nearest(column, known)
            cure = f"the nearest is `{near}`" if near else f"the columns of {source} are {listed(known, 20)}"
            raise UsageError(Problem("CT1900", f"no rubric here takes a column `{column}`", "--set", cure))


def _found(source: str, column: str, columns: Sequence[Seen], told: Told) -> Choice | Question | None:
    if column in told.columns:
        return as_told(column, told.columns[column], columns)
    found = find_column(source, column, columns)
    return quantity_by_price(columns) if found is None and (source, column) == ("transactions", "amount") else found


def _written(source: str, opened: Opened, columns: Sequence[Seen], choice: Choice, told: Told) -> Written | None:
    """How the cells of a column are written; None for texts and formulas."""
    usual = usual_columns(source).get(choice.column)
    if usual is None or usual.type == "text" or len(choice.headers) != 1:
        return None
    at = _place(choice.headers[0], columns)
    if usual.type == "date":
        written = dates_as_written(opened, at, told.date_format if choice.column == "date" else None)
        return written if (source, choice.column) == ("transactions", "date") else _by_serial(written)
    return _by_decimal(numbers_as_written(opened, at), told.decimal)


def _by_serial(written: Written) -> Written:
    """Where no option says how dates are written, days as Excel counts them are taken as such; the trial shows whether they are."""
    return replace(written, keys={"format": EXCEL}, readings=()) if [form for form, _ in written.readings] == [EXCEL] else written


def _by_decimal(written: Written, decimal: str | None) -> Written:
    """The reading with the decimal mark that was told."""
    told = [keys for keys, _ in written.readings if _decimal_mark(keys) == decimal]
    return replace(written, keys=told[0], readings=()) if told else written


def _decimal_mark(keys: Mapping[str, Any]) -> str:
    return str(keys.get("numbers", {}).get("decimal", "."))


def _which_reading(column: str, written: Written) -> Question | None:
    if not written.readings:
        return None
    examples = tuple(example for _, example in written.readings)
    if written.readings[0][0] == EXCEL:
        return Question(column, "--date-format", Why(SERIALS, {"column": column}), (EXCEL,), examples)
    if isinstance(written.readings[0][0], str):
        asked = Why("the dates of `{column}` fit two readings", {"column": column})
        return Question(column, "--date-format", asked, tuple(r for r, _ in written.readings), examples)
    asked = Why("the numbers of `{column}` fit two readings: the decimal mark may be a point or a comma", {"column": column})
    return Question(column, "--decimal", asked, tuple(_decimal_mark(r) for r, _ in written.readings), examples)


def _keys(
    opened: Opened, columns: Sequence[Seen], chosen: Mapping[str, Choice], written: Mapping[str, Written], told: Told
) -> Iterator[Key]:
    """What is to be said of the source beside its columns."""
    yield from told.keys
    if found := _numbers_of_formula(opened, columns, chosen.get("amount")):
        yield Key("numbers", found, Why("how the numbers of `amount` are written"))
    words, totals = total_lines(opened)
    if words:
        yield Key("total_lines", words, Why("lines of totals, not purchases: {rows:,}", {"rows": totals}))
    if missing := sorted({text for w in written.values() for text in w.missing}):
        yield Key("missing", missing, Why("cells that say so are empty"))
    if (at := _undecided(columns, chosen, told)) is not None and not is_often_blank(opened, at):
        yield from of_nobody(opened, at)


def _undecided(columns: Sequence[Seen], chosen: Mapping[str, Choice], told: Told) -> int | None:
    """The place of the customer, where nobody said what becomes of rows without one."""
    customer = chosen.get("customer")
    if customer is None or len(customer.headers) != 1 or any(key.name == NO_CUSTOMER for key in told.keys):
        return None
    return _place(customer.headers[0], columns)


def _decimals(opened: Opened, columns: Sequence[Seen], amount: Choice | None, written: Mapping[str, Written]) -> int:
    """How many decimals the money of these files has."""
    most = [w.decimals for column, w in written.items() if column in ("amount", "profit", "cost", "open", "balance")]
    if amount is not None and amount.formula:
        most.append(sum(numbers_as_written(opened, c.at).decimals for c in _in_formula(columns, amount)))
    return min(MOST_DECIMALS, max([LEAST_DECIMALS, *most]))


def _numbers_of_formula(opened: Opened, columns: Sequence[Seen], amount: Choice | None) -> dict[str, Any]:
    """How the numbers that a formula takes are written, where they are not plain."""
    if amount is None or not amount.formula:
        return {}
    found = [numbers_as_written(opened, c.at).keys.get("numbers", {}) for c in _in_formula(columns, amount)]
    return {name: value for numbers in found for name, value in numbers.items()}


def _in_formula(columns: Sequence[Seen], choice: Choice) -> list[Seen]:
    """The columns that a formula names, in quotes or without."""
    bare = re.sub(r'"[^"]*"', " ", choice.formula or "")
    names = {*re.findall(r'"([^"]*)"', choice.formula or ""), *re.findall(r"[^\W\d]\w*", bare)}
    return [c for c in columns if c.header in names]


def _place(header: str, columns: Sequence[Seen]) -> int:
    return next(c.at for c in columns if c.header == header)


def currency_of(proposal: Proposal) -> str | None:
    """The code of the currency whose sign stands beside the amounts."""
    said = [choice.keys.get("numbers", {}).get("currency", ()) for choice in proposal.choices]
    signs = {sign for found in said for sign in ([found] if isinstance(found, str) else found)}
    codes = [code for known in CURRENCIES if signs & set(known) for code in known if re.fullmatch("[A-Z]{3}", code) and code != "RMB"]
    return codes[0] if codes else None
