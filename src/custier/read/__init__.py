"""Files → one frame per source with canonical columns and exact types; nothing is dropped, what is no row is handed back."""

from __future__ import annotations

from custier.read.files import find_files
from custier.read.source import Table, read_source

__all__ = ["Table", "find_files", "read_source"]
