"""Whether the table of merges is there, and is nothing else beside."""

from __future__ import annotations

from custier.errors import listed, nearest
from custier.rubric.check.finding import Finding, Findings
from custier.rubric.model import Rubric


def merges_can_be_found(rubric: Rubric) -> Findings:
    merge = rubric.merge
    if merge is None:
        return
    place, cure = ("merge", "source"), "give the merges a table of their own, with the old id and the id that is left"
    if merge.source not in rubric.sources:
        near = nearest(merge.source, rubric.sources)
        cure = f"the nearest is `{near}`" if near else f"the sources are {listed(list(rubric.sources))}"
        yield Finding(place, "CT1443", f"`{merge.source}` is not a source of this rubric", cure)
    elif merge.source == "transactions":
        yield Finding(place, "CT1443", "the transactions are no table of merges", cure)
    if merge.into == "customer":
        yield Finding(("merge", "into"), "CT1443", "`customer` is the id that goes", "name the column of the id that is left")
    for name, metric in rubric.metrics.items():
        if metric.source == merge.source != "transactions":
            yield Finding(("metrics", name), "CT1443", f"the metric `{name}` looks at `{merge.source}`, which says only who is whom", cure)
    if rubric.accounts is not None and rubric.accounts.link.source == merge.source:
        yield Finding(("accounts",), "CT1443", f"the accounts look at `{merge.source}`, which says only who is whom", cure)
