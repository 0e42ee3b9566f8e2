"""An input table of a rubric: where its columns come from, and which of its rows count."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from custier.rubric.layout import Beginnings, Encoding, Header, Separator
from custier.rubric.numbers import Missing, Numbers
from custier.rubric.scalars import Flag, FormulaText, Strict, Whole
from custier.rubric.suspects import Ids, NoCustomer

SheetName = Annotated[str, StringConstraints(min_length=1, max_length=31)]
ColumnType = Literal["text", "number", "money", "date"]


def _is_zone(name: str) -> bool:
    try:
        return ZoneInfo(name).key == name
    except (OSError, ValueError, KeyError):
        return False


class Column(Strict):
    """Where a canonical column comes from: a header of the export, or a formula over its headers."""

    header: list[str] = Field(default_factory=list, alias="column", description="the export's header, or several possible ones")
    columns: list[str] | None = Field(None, min_length=2, max_length=8, description="headers whose texts are joined to one")
    formula: FormulaText | None = Field(None, description="an exact formula over the export's columns")
    type: ColumnType | None = Field(None, description="text, number, money or date; known names know theirs")
    format: str | None = Field(None, description="how dates are written, such as %d/%m/%Y, or excel for days counted as Excel does")
    timezone: str | None = Field(None, description="where a time that names its zone falls on a day, such as Asia/Shanghai")
    optional: Flag = Field(False, description="the column may be absent and its cells blank")
    numbers: Numbers | None = Field(None, description="how its numbers are written, where they are not plain")
    missing: Missing | None = Field(None, description="texts that mean an empty cell")

    @model_validator(mode="before")
    @classmethod
    def _from_header(cls, value: Any) -> Any:
        if isinstance(value, str | list):
            value = {"column": value}
        if isinstance(value, dict) and isinstance(value.get("column"), str):
            value = {**value, "column": [value["column"]]}
        return value

    @model_validator(mode="after")
    def _one_origin(self) -> Column:
        if self.header and self.formula:
            raise ValueError("has both a column and a formula; keep one")
        if self.columns and (self.header or self.formula or self.format or self.numbers or self.type not in (None, "text")):
            raise ValueError("joins the texts of several columns; leave everything but `columns` and `missing` out")
        if self.columns and len(set(self.columns)) < len(self.columns):
            raise ValueError("joins a column with itself; name each once")
        return self

    @model_validator(mode="after")
    def _zone_is_known(self) -> Column:
        if self.timezone is not None and not _is_zone(self.timezone):
            raise ValueError(f"has the time zone `{self.timezone}`, which is not known; write a name such as Asia/Shanghai or UTC")
        if self.format and "%z" in self.format and self.timezone is None:
            raise ValueError("reads zones (%z) and does not say in which one a day begins; add timezone: Asia/Shanghai")
        return self

    @model_validator(mode="after")
    def _headers_are_written(self) -> Column:
        if self.formula and (self.numbers or self.missing):
            raise ValueError("has a formula, whose numbers are those of its headers; move `numbers` and `missing` up to the source")
        if self.numbers and (self.type in ("text", "date") or self.format):
            raise ValueError("has `numbers` and is no number; leave one of the two out")
        return self


class Source(Strict):
    """An input table; every key that is not listed here names a column."""

    model_config = ConfigDict(extra="allow", frozen=True, hide_input_in_errors=True)
    __pydantic_extra__: dict[str, Column] = Field(init=False)

    optional: Flag = Field(False, description="the table may be absent; its metrics are then missing")
    where: FormulaText | None = Field(None, description="which rows of the export count at all")
    sheet: Annotated[Whole, Field(ge=1, le=1000)] | SheetName | None = Field(
        None, description="the sheet of a workbook, by its name or its number among those that are shown"
    )
    encoding: Encoding | None = Field(None, description="how a text is encoded, such as gb18030, utf-16 or cp1252")
    separator: Separator | None = Field(None, description="what stands between the cells of a text: one sign, tab or whitespace")
    header_line: Annotated[Whole, Field(ge=1, le=1000)] | None = Field(None, description="the line of the header, below titles")
    header: list[Header] = Field(default_factory=list, max_length=2000, description="the columns of a file without a header")
    total_lines: Beginnings | None = Field(None, description="how lines of totals begin, which are left out")
    numbers: Numbers | None = Field(None, description="how the numbers of all its columns are written, where they are not plain")
    missing: Missing = Field((), description="texts that mean an empty cell, in all its columns")
    no_customer: NoCustomer | None = Field(None, description="ids that stand for nobody; their rows are rejected or excluded")
    ids: Ids | None = Field(None, description="which spellings of an id are one customer; exact when left out")
    duplicates: Literal["keep", "drop", "reject"] | None = Field(
        None, description="rows alike in every column of the export: keep (the default), drop or reject all but the first"
    )
    same_order: Literal["keep", "last_file", "reject"] | None = Field(
        None, description="orders that stand in several files: keep (the default), take the last file's rows, or reject them"
    )
    overlaps: Literal["keep", "last_file", "reject"] | None = Field(
        None, description="rows on days that a later file holds too: keep (the default), take the last file's rows, or reject them"
    )
    future: Literal["reject", "exclude"] | None = Field(None, description="rows dated later than today: reject (the default) or exclude")
    refunds: Literal["keep", "exclude", "reject"] | None = Field(None, description="rows with an amount below 0: keep is the default")
    zero_amounts: Literal["keep", "exclude", "reject"] | None = Field(None, description="rows with the amount 0: keep is the default")

    @property
    def columns(self) -> dict[str, Column]:
        return dict(self.__pydantic_extra__ or {})

    @property
    def made(self) -> set[str]:
        """The columns that are worked out from headers, and so have none of their own."""
        return {name for name, column in self.columns.items() if column.formula or column.columns}

    @model_validator(mode="after")
    def _unit_of_headers(self) -> Source:
        made = next((name for name, column in self.columns.items() if column.formula), None)
        if made and self.numbers and self.numbers.shift:
            raise ValueError(
                f"has a unit for all its money, and `{made}` is a formula; multiply there, and name the unit under the other columns"
            )
        return self

    def numbers_of(self, column: str) -> Numbers | None:
        """How the numbers of a column are written: as it says key by key, else as the source does."""
        declared = self.columns.get(column)
        if declared is None or declared.numbers is None:
            return self.numbers
        return declared.numbers.within(self.numbers)

    def missing_of(self, column: str) -> Missing:
        """The texts that mean an empty cell of a column."""
        declared = self.columns.get(column)
        return self.missing if declared is None or declared.missing is None else declared.missing
