"""What to do next with a customer: conditions, a text, an owner and a term."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints, field_validator, model_validator

from custier.rubric.condition import Condition
from custier.rubric.scalars import Key, Strict, Title, TitleText, shown_text
from custier.rubric.window import LengthText

Change = Literal["new", "up", "down", "same", "returned"]


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


TierNames = Annotated[list[str], BeforeValidator(_listed, json_schema_input_type=list[str] | str)]
ChangeNames = Annotated[list[Change], BeforeValidator(_listed, json_schema_input_type=list[Change] | Change)]
Owner = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class Action(Strict):
    """What is to be done with every customer of whom all of `when`, `tier` and `change` hold."""

    name: Key = Field(description="what files and explanations call it")
    when: Condition | None = Field(None, description="the condition over metrics, flags, segments, `tier`, `previous_tier` and `change`")
    tier: TierNames = Field(default_factory=list, description="only customers of this tier, or of one of these")
    change: ChangeNames = Field(default_factory=list, description="only customers whose tier changed so: new, up, down, same, returned")
    do: TitleText = Field(description="what is to be done")
    owner: Owner | None = Field(None, description="who does it")
    due: LengthText | None = Field(None, description="how long after the as-of date it is due: `14 days`")

    @model_validator(mode="after")
    def _for_someone(self) -> Action:
        if self.when is None and not self.tier and not self.change:
            raise ValueError("is for every customer; write at least one of when, tier and change")
        return self

    @field_validator("do", "owner")
    @classmethod
    def _on_one_line(cls, value: Title | str | None) -> Title | str | None:
        for text in [value.en, value.zh or ""] if isinstance(value, Title) else [value or ""]:
            if any(sign in shown_text(text) for sign in "\n\t"):
                raise ValueError("has more than one line, or a tab; write it on one line")
        return value
