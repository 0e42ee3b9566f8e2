"""What must not happen unseen: customers, tiers, rows, amounts, months and the rubric, each against its limit."""

from custier.guard.cause import with_causes
from custier.guard.gaps import check_gaps
from custier.guard.months import check_months
from custier.guard.movement import Move, check_movement, moves_of
from custier.guard.order import NOT_OLDER, NOT_UNDONE, check_newer, check_undone
from custier.guard.policy import check_rubric, loosened
from custier.guard.rejected import check_rejected, check_usable
from custier.guard.restated import check_restated, check_stale
from custier.guard.tiers import check_tiers, psi
from custier.guard.volume import check_volume

__all__ = [
    "NOT_OLDER",
    "NOT_UNDONE",
    "Move",
    "check_gaps",
    "check_months",
    "check_movement",
    "check_newer",
    "check_rejected",
    "check_restated",
    "check_rubric",
    "check_stale",
    "check_tiers",
    "check_undone",
    "check_usable",
    "check_volume",
    "loosened",
    "moves_of",
    "psi",
    "with_causes",
]
