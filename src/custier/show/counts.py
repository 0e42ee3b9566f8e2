"""What a guardrail counted, in words."""

from __future__ import annotations

from decimal import Decimal

from custier.values import Guard

AGAINST_USUAL = ("rows_change_at_most", "amount_change_at_most", "month_rows_change_at_most", "month_amount_change_at_most")


def counts_of(guard: Guard, decimals: int) -> str:
    """`22,221 of 974,233`, `9,000, usually 12,000`; money in whole units; nothing where nothing was counted."""
    if not guard.of or not (guard.unit or "%" in guard.limit):
        return ""
    count, of = (_written(number, guard.unit, decimals) for number in (guard.count, guard.of))
    return f"{count}, usually {of}" if guard.name.startswith(AGAINST_USUAL) else f"{count} of {of}"


def _written(number: int, unit: str, decimals: int) -> str:
    return f"{Decimal(number).scaleb(-decimals):,f}" if unit == "money" else f"{number:,}"
