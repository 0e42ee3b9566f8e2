"""custier from Python: the same grading as the command line, frame in → frame out, for notebooks and schedulers."""

from __future__ import annotations

from custier.api.classify import classify
from custier.api.rubric import load_rubric
from custier.api.store import classify_to_store, explain_customer

__all__ = ["classify", "classify_to_store", "explain_customer", "load_rubric"]
