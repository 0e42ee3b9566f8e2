"""Whether sources, formulas and the names of columns fit together."""

from __future__ import annotations

from custier.rubric.check.finding import Finding, Findings
from custier.rubric.formula import FormulaError, parse_formula
from custier.rubric.model import Rubric
from custier.rubric.plan import formula_problems
from custier.rubric.yaml_file import Place

LABEL_COLUMNS = (
    "customer_id", "tier", "previous_tier", "change", "steps", "score", "earned_tier", "next_tier",
    "reasons", "rules", "flags", "tier_since", "valid_until",
)  # fmt: skip


def transactions_are_there(rubric: Rubric) -> Findings:
    if "transactions" not in rubric.sources:
        yield Finding(
            ("sources",), "CT1416", "the sources do not hold `transactions`", "add `transactions: {}`; known headers map themselves"
        )


def source_formulas_can_be_read(rubric: Rubric) -> Findings:
    texts: list[tuple[Place, str]] = []
    for name, source in rubric.sources.items():
        texts += [(("sources", name, "where"), source.where)] if source.where else []
        texts += [(("sources", name, column, "formula"), c.formula) for column, c in source.columns.items() if c.formula]
    for place, text in texts:
        try:
            parse_formula(text, set())
        except FormulaError as error:
            yield _formula_finding(place, error)


def formulas_can_be_used(rubric: Rubric) -> Findings:
    if "transactions" not in rubric.sources:
        return
    try:
        problems = formula_problems(rubric)
    except FormulaError as error:
        problems = [(("sources", "transactions"), error)]
    yield from (_formula_finding(place, error) for place, error in problems)


def _formula_finding(place: Place, error: FormulaError) -> Finding:
    code = "CT6201" if "too large" in str(error) else "CT1418"
    return Finding(place, code, str(error), error.help or "see the reference of the rubric language")


def column_names_are_free(rubric: Rubric) -> Findings:
    points = {f"points_{name}" for name in rubric.score}
    for block, names in (("metrics", rubric.metrics), ("segments", rubric.segments)):
        for name in names:
            if name in LABEL_COLUMNS or name in points:
                yield Finding((block, name), "CT1410", f"`{name}` is already a column of the labels", "choose another name")
    for name in rubric.segments:
        if name in rubric.metrics:
            yield Finding(("segments", name), "CT1410", f"`{name}` is both a segment and a metric", "rename one of them")


def segments_end_with_otherwise(rubric: Rubric) -> Findings:
    for segment, labels in rubric.segments.items():
        rest = [label for label, text in labels.items() if text == "otherwise"]
        if rest != list(labels)[-1:]:
            yield Finding(
                ("segments", segment),
                "CT1417",
                f"the last label of `{segment}`, and only that, must be `otherwise`",
                "end with `name: otherwise`",
            )
