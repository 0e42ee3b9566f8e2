"""Which columns of each source a rubric needs, and which it takes when they are there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from custier.rubric.columns import RECORDS, ColumnKind, frame_name, is_dated
from custier.rubric.formula import names_in
from custier.rubric.model import MADE_FROM_METRICS, Metric, Rubric
from custier.rubric.plan import (
    Plan,
    attributes,
    columns_used,
    conditions,
    metric_references,
    metrics_of_actions,
    points_metrics,
    source_kinds,
    texts_that_divide,
)
from custier.rubric.ready import READY, columns_for, ready_metric

NOT_COLUMNS = {"customer", "date", "as_of"}
MADE_FROM = {"days_late": "paid", "payment_delay_days": "paid"}
AT_A_MOMENT = ("first", "last", "time_weighted_mean")


def wanted_columns(rubric: Rubric, source: str) -> dict[str, bool]:
    """Canonical column → whether it must be found (True) or is taken when found (False)."""
    declared = rubric.sources[source].columns
    wanted = {name: not column.optional for name, column in declared.items()}
    if source == "transactions":
        wanted = {"amount": False, "order": False} | wanted
    for metric in _metrics(rubric):
        if metric.source == source:
            for name in _columns_of(metric, rubric):
                wanted[name] = not (name in declared and declared[name].optional)
    if rubric.merge is not None and rubric.merge.source == source:
        wanted[rubric.merge.into] = True
    if rubric.accounts is not None and rubric.accounts.link.source == source:
        wanted[rubric.accounts.link.column] = True
    if source == "transactions":
        for name in _named(rubric) & set(READY):
            _want_ready(name, wanted)
    if source in RECORDS:
        wanted = _said_of_customers(rubric, source) | wanted
    return {"customer": True, **({"date": not may_be_undated(source, rubric)} if is_dated(source) else {})} | wanted


def may_be_undated(source: str, rubric: Rubric) -> bool:
    """Whether a table only says who is whom or who belongs to whom, so that its rows may hold always; no metric looks at it."""
    return is_about_ids(source, rubric) and all(metric.source != source for metric in _metrics(rubric))


def _said_of_customers(rubric: Rubric, source: str) -> dict[str, bool]:
    """What a table with one record per customer is asked for by name; the day of joining is taken where something counts from it."""
    names, known = _named(rubric), attributes(rubric)
    wanted = {column: True for name, (of, column) in known.items() if name in names and of == source}
    if source == "customers":
        return {"joined": False} | wanted if _counts_from_joining(rubric, names) else wanted
    return dict.fromkeys((column for of, column in known.values() if of == source), False) | {"date": True, "estimate": True} | wanted


def _counts_from_joining(rubric: Rubric, names: Collection[str]) -> bool:
    windows = [rubric.window, *(metric.window for metric in rubric.metrics.values() if metric.window is not None)]
    return "tenure_months" in names or any(window.from_joining for window in windows)


def _want_ready(name: str, wanted: dict[str, bool]) -> None:
    ways = columns_for(name)
    for needs in ways:
        for column in needs:
            wanted[column] = wanted.get(column, False) or (len(ways) == 1)


def _columns_of(metric: Metric, rubric: Rubric) -> Iterator[str]:
    known = set(source_kinds(rubric, metric.source)) | set(MADE_FROM) | NOT_COLUMNS
    texts = [t for t in (metric.argument, metric.where, metric.weight) if t is not None]
    names = {MADE_FROM.get(name, name) for text in texts for name in names_in(text, known)}
    yield from sorted((names | ({metric.per} if metric.per is not None else set())) - NOT_COLUMNS)


def _metrics(rubric: Rubric) -> list[Metric]:
    return [m for m in (*rubric.metrics.values(), *points_metrics(rubric).values()) if m.aggregation not in MADE_FROM_METRICS]


def _named(rubric: Rubric) -> set[str]:
    """Ready-made metrics and attributes that the rubric names, directly or through formulas."""
    ready_made = {**READY, **attributes(rubric)}
    known = {*rubric.metrics, *ready_made, *rubric.segments}
    open_names = {name for _, name in metric_references(rubric)} | set(texts_that_divide(rubric))
    open_names |= {name for _, text in conditions(rubric) for name in names_in(text, known)} - set(rubric.segments)
    open_names |= metrics_of_actions(rubric) | set(rubric.metrics)
    seen: set[str] = set()
    while open_names:
        name = open_names.pop()
        seen.add(name)
        metric = rubric.metrics.get(name) or ready_metric(name, None)
        made_from = set() if metric is None or metric.formula is None else names_in(metric.formula, known)
        named = None if metric is None else metric.share_of_total or metric.of_members
        open_names |= ({named} if named else made_from) - seen
    return (seen & set(ready_made)) - set(rubric.metrics)


def measured_columns(rubric: Rubric, plan: Plan, source: str, kinds: Mapping[str, ColumnKind]) -> list[str]:
    """The frame columns of a source that measuring reads."""
    metrics = [p.metric for p in plan.metrics.values() if p.metric.source == source]
    used = {name for metric in metrics for name in columns_used(metric, rubric)}
    moments = any(metric.aggregation in AT_A_MOMENT for metric in metrics)
    if rubric.accounts is not None and rubric.accounts.link.source == source:
        used, moments = {*used, rubric.accounts.link.column}, True
    names = ["customer_id"]
    if "date" in kinds:
        names += ["date", "date_day", *(["date_us"] if moments or source in RECORDS else [])]
    for name, kind in kinds.items():
        if kind.type == "date":
            names += [name, f"{name}_day"]
        elif name in used:
            names.append(frame_name(name))
    return list(dict.fromkeys(names))


def counted_columns(rubric: Rubric, plan: Plan, source: str) -> list[str]:
    """The text columns of a source whose values are only told apart: the argument of a count, and nothing else."""
    if source in RECORDS or rubric.sources[source].where or rubric.sources[source].made:
        return []
    metrics = [p.metric for p in plan.metrics.values() if p.metric.source == source]
    counts = {str(m.argument) for m in metrics if m.aggregation in ("count", "count_distinct")}
    others = [m.model_copy(update={m.aggregation: "customer"}) if m.aggregation in ("count", "count_distinct") else m for m in metrics]
    elsewhere = {name for m in others for name in columns_used(m, rubric)}
    kinds = source_kinds(rubric, source)
    return sorted(name for name in counts - elsewhere - {"customer"} if name in kinds and kinds[name].type == "text")


def is_of_merges(source: str, rubric: Rubric) -> bool:
    """Whether a source says who is whom, and so is no table of customers itself."""
    return rubric.merge is not None and rubric.merge.source == source


def is_about_ids(source: str, rubric: Rubric) -> bool:
    """Whether a source says who is whom or who belongs to whom: a row holds until a newer one, whatever the window."""
    return is_of_merges(source, rubric) or (rubric.accounts is not None and rubric.accounts.link.source == source != "transactions")


def ids_beside(source: str, rubric: Rubric) -> list[str]:
    """The columns of a source, beside the customer, that hold ids of customers."""
    parent = rubric.accounts.parent if rubric.accounts is not None else None
    return [parent.column] if parent is not None and parent.source == source else []
