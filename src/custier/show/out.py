"""The two ways out: `say` writes what was asked for to stdout, `tell` writes talk to stderr; neither can drive a terminal."""

from __future__ import annotations

import os
import sys
from typing import TextIO

from custier.errors import OutputError, Problem
from custier.show.safe import safe_page

STATE = "What was published stays published."


def prepare_streams() -> None:
    """Makes characters that a stream cannot hold print as escapes, not as crashes."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def say(text: str) -> None:
    """Writes a page to stdout; a reader that went away is no error, OutputError when stdout cannot be written."""
    say_as_it_is(safe_page(text))


def say_as_it_is(text: str) -> None:
    """The same of what another program reads, such as SQL: no character is written as an escape."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        silence(sys.stdout)
    except OSError as error:
        silence(sys.stdout)
        raise unwritable(error) from None


def tell(text: str) -> None:
    """Writes to stderr; talk that cannot be written is dropped."""
    try:
        if sys.stderr is not None:
            sys.stderr.write(safe_page(text))
            sys.stderr.flush()
    except OSError:
        silence(sys.stderr)


def unwritable(error: OSError) -> OutputError:
    reason = os.strerror(error.errno).lower() if error.errno else "the stream is closed"
    return OutputError(
        Problem("CT5900", f"standard output cannot be written: {reason}", help="make room or redirect to another place"), state=STATE
    )


def silence(stream: TextIO) -> None:
    """Sends what the stream still holds to nowhere, so that closing it at exit cannot fail."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    except (OSError, ValueError):
        pass
