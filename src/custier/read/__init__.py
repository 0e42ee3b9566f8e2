"""Files → one frame per source with canonical columns and exact types; nothing is dropped, what is no row is handed back."""

from __future__ import annotations

from custier.read.files import find_files
from custier.read.source import read_source
from custier.read.table import Table

__all__ = ["Table", "find_files", "read_source"]
