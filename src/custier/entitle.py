"""What a customer is entitled to, by its tier."""

from __future__ import annotations

import narwhals as nw

from custier.expressions import first_true
from custier.frames import Frame
from custier.rubric.entitlements import entitlements, has_benefits
from custier.rubric.model import Rubric


def entitle_customers(customers: Frame, rubric: Rubric) -> Frame:
    """Customers with a tier → the same with `benefits` (text: `airport lounge ×5 a year; own manager`), where the rubric grants any;
    empty for a tier without benefits and for the unrated.
    """
    if not has_benefits(rubric):
        return customers
    words = {tier: "; ".join(e.in_words for e in entitled) for tier, entitled in entitlements(rubric).items()}
    cases = [(nw.col("tier") == tier, text) for tier, text in words.items()]
    return customers.with_columns(benefits=first_true(cases, ""))
