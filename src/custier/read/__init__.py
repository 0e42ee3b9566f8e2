"""Files → one frame per source with canonical columns and exact types; nothing is dropped, what is no row is handed back."""

from __future__ import annotations

from custier.read.files import find_files
from custier.read.source import Inputs, read_source, refuse_changed, settled
from custier.read.table import Table

__all__ = ["Inputs", "Table", "find_files", "read_source", "refuse_changed", "settled"]
