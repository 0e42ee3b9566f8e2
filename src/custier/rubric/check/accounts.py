"""Whether the column is there that says which customers belong together."""

from __future__ import annotations

from custier.errors import listed, nearest
from custier.rubric.accounts import Link
from custier.rubric.check.finding import Finding, Findings
from custier.rubric.model import Rubric
from custier.rubric.plan import source_kinds


def tiers_can_be_inherited(rubric: Rubric) -> Findings:
    rules = [(i, rule) for i, rule in enumerate(rubric.rules) if rule.inherit]
    for place, rule in ((("rules", i, "inherit"), rule) for i, rule in rules):
        if rubric.accounts is None:
            what = f"the rule `{rule.name}` inherits a tier, and the rubric has no accounts"
            yield Finding(place, "CT1442", what, "say under `accounts` which customers belong together")
        elif rule.inherit == "parent" and rubric.accounts.parent is None:
            what = f"the rule `{rule.name}` inherits the parent's tier, and a group has no parent"
            yield Finding(place, "CT1442", what, "write `inherit: best`, or name a parent under `accounts`")
        elif rule is not rules[0][1]:
            what = f"the rule `{rule.name}` inherits a second time, after `{rules[0][1].name}`"
            yield Finding(place, "CT1442", what, "keep one rule that inherits")


def accounts_can_be_found(rubric: Rubric) -> Findings:
    accounts = rubric.accounts
    if accounts is None:
        return
    place = ("accounts", "parent" if accounts.parent is not None else "group")
    link: Link = accounts.link
    if link.source not in rubric.sources:
        near = nearest(link.source, rubric.sources)
        cure = f"the nearest is `{near}`" if near else f"the sources are {listed(list(rubric.sources))}"
        yield Finding((*place, "source"), "CT1441", f"`{link.source}` is not a source of this rubric", cure)
        return
    kind = source_kinds(rubric, link.source).get(link.column)
    if link.column == "customer" or (kind is not None and kind.type != "text"):
        what = (
            f"`{link.column}` is {'the customer' if link.column == 'customer' else f'a {kind.type}' if kind else ''}, and no id of another"
        )
        yield Finding((*place, "column"), "CT1441", what, "name the column of texts in which the parent or the group stands")
