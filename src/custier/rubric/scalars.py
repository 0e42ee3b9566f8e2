"""The small words of a rubric: exact numbers, shares of a hundred, names, titles."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, StringConstraints, field_validator, model_validator

from custier.characters import FORMULA_SIGNS, unseen_class

UNITS = {"万": Decimal(10_000), "亿": Decimal(100_000_000), "%": Decimal("0.01")}
MOST_DIGITS = 15
MOST_DECIMALS = 6
MOST_REASON = 200
ALL = 10_000
"""The whole, in basis points: all weights, or all customers."""


class Strict(BaseModel):
    """A value of the rubric: unknown keys are refused and nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def exact_number(value: Any) -> Decimal:
    """A number as written, exact: `500_000`, `4.5`, `1e5`, `50万` (10,000s), `1.2亿`, `10%` (0.1)."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise ValueError("is not a number; write it plainly, such as 500_000, 4.5 or 50万")
    text = str(value).replace("_", "").strip()
    unit = UNITS.get(text[-1:])
    try:
        number = Decimal(text) if unit is None else Decimal(text[:-1].strip()) * unit
    except InvalidOperation:
        raise ValueError("is not a number; write it plainly, such as 500_000, 4.5 or 50万") from None
    return bounded(number)


def bounded(number: Decimal) -> Decimal:
    """The number itself, refused when no exact comparison could hold it."""
    if not number.is_finite() or abs(number) >= Decimal(10) ** MOST_DIGITS:
        raise ValueError(f"must be finite and have at most {MOST_DIGITS} digits before the point")
    if number != round(number, MOST_DECIMALS):
        raise ValueError(f"has more than {MOST_DECIMALS} decimals")
    return number


def share_in_basis_points(value: Any) -> int:
    """`20%` → 2000. A bare number is refused: 1 could mean one percent or one customer."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d{1,2})?)\s*[%％]\s*", value) if isinstance(value, str) else None
    if not found or Decimal(found[1]) > 100:
        raise ValueError("is not a share; write a percentage from 0% to 100% with at most two decimals, such as 20%")
    return int(Decimal(found[1]) * 100)


def weight_in_basis_points(value: Any) -> int:
    """A weight of 40 (of 100) → 4000; at most two decimals, so that scores stay integers."""
    text = str(value).strip().removesuffix("%")
    if isinstance(value, bool) or not re.fullmatch(r"\d+(\.\d{1,2})?", text) or not 0 < Decimal(text) <= 100:
        raise ValueError("is not a weight; write a number above 0 and up to 100 with at most two decimals, such as 40")
    return int(Decimal(text) * 100)


def slice_from_top(value: Any) -> str:
    """`1%` or `50 customers`, as it stands. A bare number is refused: 50 could mean either."""
    found = re.fullmatch(r"\s*(?:(\d{1,3}(?:\.\d{1,2})?)\s*[%％]|[1-9]\d{0,8} customers?)\s*", value) if isinstance(value, str) else None
    if not found or Decimal(found[1] or 0) > 100:
        raise ValueError("is not a slice; write a share such as 1%, or a number such as 50 customers")
    return found[0].strip()


def shown_text(text: str) -> str:
    """A text that stands in tables: nothing a spreadsheet takes for a formula, and nothing that nobody sees but line ends and tabs."""
    if text.lstrip().startswith(FORMULA_SIGNS):
        raise ValueError(f"begins with {text.lstrip()[0]}, which a spreadsheet takes for a formula; begin with a word")
    if hidden := re.search(unseen_class(), re.sub(r"[\n\t]", "", text)):
        raise ValueError(f"holds U+{ord(hidden[0]):04X}, a character that nobody sees; remove it")
    return text


def hundredths(basis_points: int) -> str:
    """2000 → 20, as a share or weight is written."""
    return f"{Decimal(basis_points).scaleb(-2).normalize():f}"


def percent(basis_points: int) -> str:
    """2000 → 20%."""
    return f"{hundredths(basis_points)}%"


def part_in_words(part: int, parts: int) -> str:
    """`best 40%`, or `best 2 of 3` where that is no whole number of hundredths."""
    return f"best {percent(ALL * part // parts)}" if ALL * part % parts == 0 else f"best {part} of {parts}"


Amount = Annotated[Decimal, BeforeValidator(exact_number, json_schema_input_type=float | str)]
Share = Annotated[
    int, BeforeValidator(share_in_basis_points, json_schema_input_type=str), PlainSerializer(lambda share: f"{hundredths(share)}%")
]
Weight = Annotated[
    int,
    BeforeValidator(weight_in_basis_points, json_schema_input_type=float | str),
    PlainSerializer(lambda weight: Decimal(hundredths(weight))),
]
Flag = Annotated[bool, Field(strict=True)]
Whole = Annotated[int, Field(strict=True)]
Points = Annotated[Whole, Field(ge=-1_000_000, le=1_000_000)]
_SIGNS, _UNSEEN = "".join(FORMULA_SIGNS).replace("-", r"\-"), unseen_class()[1:-1]
NAME = rf'^[^\s\d{_SIGNS}{_UNSEEN}][^;"{_UNSEEN}]*$'
KEY = r"^[^\W\d][\w-]*$"
BENEFIT_NAME = rf'^[^\s×{_SIGNS}{_UNSEEN}][^;:×"{_UNSEEN}]*$'
RUBRIC_NAME = r"^[a-z0-9][a-z0-9_-]{0,62}$"
CURES = {
    NAME: "start with a letter, and leave out semicolons, double quotes and characters that nobody sees, such as tabs",
    KEY: "start with a letter, and use letters, digits, _ and - only",
    BENEFIT_NAME: "start with a letter or a digit, and leave out semicolons, colons, ×, double quotes and characters that nobody sees",
    RUBRIC_NAME: "use small letters a to z, digits, - and _ only",
}
"""What to write instead of a text that does not match one of these patterns."""

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64, pattern=NAME)]
Key = Annotated[str, StringConstraints(max_length=64, pattern=KEY)]
RubricName = Annotated[str, StringConstraints(pattern=RUBRIC_NAME)]
TopText = Annotated[str, BeforeValidator(slice_from_top, json_schema_input_type=str)]
FormulaText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class Title(Strict):
    """A text in English and Chinese."""

    en: str = Field(description="in English")
    zh: str | None = Field(None, description="in Chinese")

    @field_validator("en", "zh")
    @classmethod
    def _shows_what_it_says(cls, text: str | None) -> str | None:
        return None if text is None else shown_text(text)

    @property
    def in_full(self) -> str:
        """Both languages, as far as they are written."""
        return f"{self.en} {self.zh}" if self.zh else self.en


class Reason(Title):
    """Why a rule is there, in English and Chinese; it stands in lists that semicolons divide."""

    @model_validator(mode="after")
    def _fits_in_a_list(self) -> Reason:
        if any(sign in self.in_full for sign in ";；\n\t") or len(self.in_full) > MOST_REASON:
            raise ValueError(
                f"cannot stand in a list of reasons; leave out semicolons, tabs and line ends, in {MOST_REASON} characters at most"
            )
        return self


def _title(value: Any) -> Any:
    return {"en": value} if isinstance(value, str) else value


TitleText = Annotated[Title, BeforeValidator(_title, json_schema_input_type=Title | str)]
ReasonText = Annotated[Reason, BeforeValidator(_title, json_schema_input_type=Reason | str)]
