"""Whether the column is there that says which customers belong together."""

from __future__ import annotations

from custier.errors import listed, nearest
from custier.rubric.accounts import Link
from custier.rubric.check.finding import Finding, Findings
from custier.rubric.model import Rubric
from custier.rubric.plan import source_kinds


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
