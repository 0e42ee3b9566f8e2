"""Whether sources, formulas and the names of columns fit together."""

from __future__ import annotations

from custier.rubric.check.attribute import with_cure
from custier.rubric.check.finding import Finding, Findings
from custier.rubric.columns import is_dated, usual_columns
from custier.rubric.formula import PLAIN_CURE, FormulaError, parse_formula
from custier.rubric.model import Rubric
from custier.rubric.plan import DAY, PER, formula_problems, known_metrics
from custier.rubric.plan.attributes import declared_attributes, ready_names
from custier.rubric.wanted import may_be_undated
from custier.rubric.yaml_file import Place

WHY = {"customer": "a row without one is nobody's", "date": "windows count rows by it"}
LABEL_COLUMNS = (
    "customer_id", "tier", "previous_tier", "change", "steps", "score", "earned_tier", "next_tier",
    "reasons", "reason_codes", "rules", "flags", "benefits", "actions", "tier_since", "valid_until",
    "partial_data",
)  # fmt: skip
INNER_COLUMNS = (
    "has_rows", "first_date", "last_day", "rows_in_window", "joined_on", "held_since", "eligible", "rated", "score_sum", "score_weight",
    "account", "account_parent", "account_other_parent", "account_rank",
    "rank", "tier_rank", "earned_rank", "rank_before_rules", "tier_before_rules", "previous_rank", "cause", "matrix_row", "matrix_column",
    "retained", "in_force", "in_group", "merged_from", "rejected_rows",
)  # fmt: skip
INNER_PREFIXES = (
    "band_",
    "points_",
    "fail_",
    "unrated_",
    "rule_",
    "rank_after_",
    "flag_",
    "action_",
    "lost_",
    "place_",
    "previous_",
    "quantile_",
)
OVER_ROWS = ("metrics", "points", "sources")
SQL_WORDS = ("and", "or", "not", "in", "is", "null", "like", "between", "true", "false")


def customers_have_no_date(rubric: Rubric) -> Findings:
    for name, source in rubric.sources.items():
        if not is_dated(name) and "date" in source.columns:
            what = f"`{name}` has one record per customer, which counts whatever its date"
            yield Finding(("sources", name, "date"), "CT1475", what, "call the column `joined`, or any other name with `type: date`")


def every_row_has_a_customer_and_a_date(rubric: Rubric) -> Findings:
    for name, source in rubric.sources.items():
        for column, why in WHY.items():
            absent = column in source.columns and source.columns[column].optional
            if absent and not (column == "date" and may_be_undated(name, rubric)):
                what = f"the `{column}` of `{name}` may not be absent: {why}"
                yield Finding(("sources", name, column, "optional"), "CT1476", what, "leave `optional` out")


def joined_columns_are_texts(rubric: Rubric) -> Findings:
    for name, source in rubric.sources.items():
        for column, declared in source.columns.items():
            usual = usual_columns(name).get(column)
            if declared.columns and usual and usual.type != "text":
                what = f"`{column}` of `{name}` is a {usual.type}, and `columns` joins texts"
                yield Finding(("sources", name, column, "columns"), "CT1445", what, "name one header, or write a formula")


def a_source_is_there(rubric: Rubric) -> Findings:
    if all(source.optional for source in rubric.sources.values()):
        what = "no source must be given, so there may be no customers at all"
        yield Finding(("sources",), "CT1416", what, "add `transactions: {}`, or let one source not be optional")


def source_formulas_can_be_read(rubric: Rubric) -> Findings:
    texts: list[tuple[Place, str]] = []
    for name, source in rubric.sources.items():
        texts += [(("sources", name, "where"), source.where)] if source.where else []
        texts += [(("sources", name, column, "formula"), c.formula) for column, c in source.columns.items() if c.formula]
    for place, text in texts:
        try:
            parse_formula(text, set())
        except FormulaError as error:
            cure = "write an SQL expression over the headers; those with spaces or brackets in double quotes: '\"Unit Price\" * quantity'"
            yield _formula_finding(place, FormulaError(str(error), cure if error.help == PLAIN_CURE else error.help))


def formulas_can_be_used(rubric: Rubric) -> Findings:
    try:
        problems = formula_problems(rubric)
    except FormulaError as error:
        problems = [(("sources", "transactions"), error)]
    yield from (_formula_finding(place, error if place[0] in OVER_ROWS else with_cure(error, rubric)) for place, error in problems)


def _formula_finding(place: Place, error: FormulaError) -> Finding:
    code = "CT6201" if "too large" in str(error) else "CT1418"
    return Finding(place, code, str(error), error.help or "see the reference of the rubric language")


def column_names_are_free(rubric: Rubric) -> Findings:
    for block, names in (("metrics", rubric.metrics), ("segments", rubric.segments)):
        for name in names:
            if taken := _taken(name, None):
                yield Finding((block, name), "CT1410", f"`{name}` {taken}", "choose another name")
    for source, column, name in declared_attributes(rubric):
        if name not in (*rubric.metrics, *rubric.segments) and (taken := _taken(name, rubric)):
            cure = f"call the column otherwise: sources: {{{source}: {{customer_{name}: {{column: …}}}}}}"
            yield Finding(("sources", source, column), "CT1410", f"`{name}` {taken}", cure)
    for name in rubric.segments:
        if name in known_metrics(rubric):
            what = f"`{name}` is both a segment and a {'' if name in rubric.metrics else 'ready-made '}metric"
            yield Finding(("segments", name), "CT1410", what, "rename one of them" if name in rubric.metrics else "choose another name")


def _taken(name: str, rubric: Rubric | None) -> str:
    """Why a column of the labels cannot have this name, if so; with a rubric, that of an attribute."""
    if name in LABEL_COLUMNS or name in INNER_COLUMNS or name.startswith(INNER_PREFIXES) or name.endswith((PER, DAY)):
        return "is a name that custier uses itself"
    if name.casefold() in SQL_WORDS:
        return "is a word of formulas"
    return "is a ready-made metric" if rubric is not None and name in ready_names(rubric) else ""
