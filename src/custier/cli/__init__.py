"""The command line: options → one call → exit code. The only package that imports typer."""

from custier.cli.boundary import main, run

__all__ = ["main", "run"]
