"""What must not happen unseen: customers moved or vanished, rows rejected, against the rubric's limits."""

from custier.guard.movement import check_movement
from custier.guard.order import check_newer
from custier.guard.rejected import check_rejected, check_usable

__all__ = ["check_movement", "check_newer", "check_rejected", "check_usable"]
