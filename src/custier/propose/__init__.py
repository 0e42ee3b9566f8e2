"""Exports nobody has described yet → what they hold, which column is which, and why that is thought; nothing is taken without a reason."""

from __future__ import annotations
