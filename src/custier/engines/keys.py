"""Texts that are only told apart → whole numbers, which group several times as fast; never a guess that is not checked on every row."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

from custier.characters import unseen_class
from custier.rubric.columns import CELL

LOOKED_AT_ROWS = 2_000
MOST_DIGITS = 18
FEW = 256
NOT_A_NUMBER = "NaN"
"""How a float column writes what it does not hold; a text may say so too, and is read the slower way."""

NUMBERED = re.compile(r"(.*?)([0-9]+)", re.DOTALL)


@dataclass(frozen=True)
class Numbered:
    """Texts of one length that are a fixed beginning and then digits only: C000000123."""

    begin: str
    digits: int

    def number(self, text: pl.Expr) -> pl.Expr:
        digits = text.str.slice(len(self.begin)) if self.begin else text
        return digits.cast(pl.Int64, strict=False)

    def is_odd(self, text: pl.Expr) -> pl.Expr:
        """Whether a text is of another form, so that its number would not tell it from all others.

        What lies between C0 and C999 begins by C and a digit, so that it has no sign; all else a whole number refuses. Both take a
        fraction of the time of a pattern.
        """
        first, last = self.begin + "0", self.begin + "9" * self.digits
        is_long = text.str.len_bytes() == len(last.encode())
        is_of_form = is_long & (text >= pl.lit(first)) & (text <= pl.lit(last)) & self.number(text).is_not_null()
        return ~is_of_form & (text.str.len_bytes() > 0)

    def numbers_among(self, texts: Iterable[str]) -> list[int]:
        """The numbers of those texts that are of this form, in whatever case."""
        form = re.compile(rf"(?i:{re.escape(self.begin)})([0-9]{{{self.digits}}})")
        return [int(found[1]) for text in texts if (found := form.fullmatch(text))]

    def text(self, number: pl.Expr) -> pl.Expr:
        return pl.concat_str(pl.lit(self.begin), number.cast(pl.String).str.zfill(self.digits))


@dataclass(frozen=True)
class Few:
    """Texts held by their places in a list that grows as they are read. column: where they are; the list lives as long as `known`."""

    column: str
    known: pl.Series

    def number(self) -> pl.Expr:
        place = pl.col(self.column).cast(self.known.dtype).to_physical().cast(pl.Int64)
        return pl.when(place != 0).then(place)

    @property
    def texts(self) -> pl.Series:
        of = self.known.dtype
        assert isinstance(of, pl.Categorical)
        return of.categories.to_series()


def few_of(column: str) -> Few:
    """A list of its own for a column; the empty text, which is none, has the place 0."""
    return Few(column, pl.Series([""], dtype=pl.Categorical(pl.Categories.random())))


@dataclass(frozen=True)
class Keys:
    """How columns of one source are held: as the number in them, or as the number of a text among few."""

    numbered: Mapping[str, Numbered] = field(default_factory=dict)
    few: Mapping[str, Few] = field(default_factory=dict)

    @property
    def odd(self) -> pl.Expr:
        """Whether any numbered text of a row is of another form."""
        odd = [form.is_odd(pl.col(name + CELL)).fill_null(False) for name, form in self.numbered.items()]
        return pl.any_horizontal(odd) if odd else pl.lit(False)

    @property
    def columns(self) -> dict[str, pl.Expr]:
        numbers = {name: form.number(pl.col(name + CELL)) for name, form in self.numbered.items()}
        return numbers | {name: few.number() for name, few in self.few.items()}

    @property
    def untrimmed(self) -> bool:
        """Whether cells were read whose texts are not what they hold, as those with spaces around them, and so were told apart."""
        return any(_is_dressed(few.texts) for name, few in self.few.items() if few.column != name)

    def carefully(self) -> Keys:
        """The same without what was only taken for granted."""
        return Keys(few={name: few_of(name) for name in self.few})


def find_keys(rows: pl.LazyFrame, ids: list[str], counted: list[str]) -> Keys:
    """What the first rows look like; ids: columns that must be texts again later, counted: columns that need not."""
    schema = rows.collect_schema()
    texts = [name for name in (*ids, *counted) if schema[name] == pl.String()]
    looked_at = texts + [name + CELL for name in texts]
    first = rows.select(looked_at).head(LOOKED_AT_ROWS).collect() if texts else pl.DataFrame()
    numbered = {name: form for name in texts if (form := _form_of(first[name + CELL].drop_nulls()))}
    few = [name for name in counted if name in texts and name not in numbered and first[name].n_unique() <= FEW]
    return Keys(numbered, {name: few_of(name if _is_dressed(first[name + CELL]) else name + CELL) for name in few})


def _is_dressed(texts: pl.Series) -> bool:
    """Whether a text has spaces around it, or may be a float that is no number."""
    return bool(((texts != texts.str.strip_chars()) | (texts == NOT_A_NUMBER)).any())


def _form_of(texts: pl.Series) -> Numbered | None:
    if texts.is_empty():
        return None
    lengths = texts.str.len_bytes()
    found = NUMBERED.fullmatch(texts[0])
    if found is None or lengths.min() != lengths.max():
        return None
    begin = found[1]
    while begin and not texts.str.starts_with(begin).all():
        begin = begin[:-1]
    digits = len(texts[0].encode()) - len(begin.encode())
    form = Numbered(begin, digits)
    fits = 0 < digits <= MOST_DIGITS and texts.str.slice(len(begin)).str.contains(r"^[0-9]+$").all()
    plain = begin == begin.lstrip() and not re.search(rf"{unseen_class()}|^[0-9+-].*[Ee]\+", begin)  # else trimmed, or refused
    return form if fits and plain else None
