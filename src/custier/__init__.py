"""custier grades customers: a written policy in, explained tiers out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from custier.api.explained import explain_customer
    from custier.api.frames import classify
    from custier.api.rubric import load_rubric
    from custier.api.store import classify_to_store
    from custier.errors import CustierError
    from custier.rubric.model import Rubric
    from custier.values import Explanation, Summary

__version__ = "0.1.0"
__all__ = [
    "CustierError",
    "Explanation",
    "Rubric",
    "Summary",
    "__version__",
    "classify",
    "classify_to_store",
    "explain_customer",
    "load_rubric",
]
_FROM = {
    "CustierError": "errors",
    "Explanation": "values",
    "Rubric": "rubric.model",
    "Summary": "values",
    "classify": "api.frames",
    "classify_to_store": "api.store",
    "explain_customer": "api.explained",
    "load_rubric": "api.rubric",
}


def __getattr__(name: str) -> Any:
    """What the package offers, loaded when it is first asked for: a command must not wait for what it does not need."""
    if name not in _FROM:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    found = globals()[name] = getattr(import_module(f"{__name__}.{_FROM[name]}"), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
