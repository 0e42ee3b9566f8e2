"""How customers belong together: the account of each, by its parent or by the name of its group."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from custier.rubric.scalars import Strict

MEMBERS = "members"
"""The ready-made metric of a rubric with accounts: how many customers the account has."""


class Link(Strict):
    """The column that says where a customer belongs."""

    source: str = Field(description="the table that holds it")
    column: str = Field(description="the column of that table")


class Accounts(Strict):
    """Which customers are one account: a household, a group of companies."""

    parent: Link | None = Field(None, description="where each customer's parent stands: the id of another customer")
    group: Link | None = Field(None, description="instead: where the name of each customer's group stands")
    levels: Literal["all", "one"] | None = Field(None, description="parents of parents: up to the topmost, or refused")

    @model_validator(mode="after")
    def _one_way(self) -> Accounts:
        if (self.parent is None) == (self.group is None):
            raise ValueError("does not say how customers belong together; write exactly one of parent and group")
        if self.group is not None and self.levels is not None:
            raise ValueError("has levels beside a group, which has none; leave levels out, or write parent")
        return self

    @property
    def link(self) -> Link:
        link = self.parent or self.group
        assert link is not None
        return link


class Merge(Strict):
    """A table of customers who turned out to be others."""

    source: str = Field(description="the table of merges")
    into: str = Field("into", description="the column of the id that is left; `customer` is the id that goes")
