"""A typer application that does nothing: what `--help` costs at least."""

from __future__ import annotations

import typer

app = typer.Typer()


@app.command()
def nothing() -> None:
    """Do nothing."""


if __name__ == "__main__":
    app()
