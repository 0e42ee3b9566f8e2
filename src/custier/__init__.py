"""custier grades customers: a written policy in, explained tiers out."""

__version__ = "0.1.0"
