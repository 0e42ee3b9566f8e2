"""The one place where what went wrong becomes an exit code."""

from __future__ import annotations

import errno
import gc
import re
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from copy import copy
from types import FrameType
from typing import NoReturn

import typer
from typer.main import get_command

from custier.cli.app import app
from custier.cli.plain import read_plainly
from custier.errors import CustierError, Problem, UsageError
from custier.show.out import prepare_streams, say, silence, tell, unwritable

STOPPED_BY_SIGNAL = 128
OBJECTS_BETWEEN_LOOKS = 100_000
"""How many new objects are awaited before Python looks for rings of them: what is loaded at the start is none, and rows are Polars'."""


def main() -> NoReturn:
    """The `custier` command."""
    gc.set_threshold(OBJECTS_BETWEEN_LOOKS)
    code = run(sys.argv[1:])
    if "duckdb" not in sys.modules:  # which tells of every object that it finds still there at the end
        gc.freeze()  # the process ends here, and all it holds with it
    sys.exit(code)


def run(args: Sequence[str]) -> int:
    """Runs a command line and returns its exit code; nothing is raised."""
    prepare_streams()
    options = args[: args.index("--")] if "--" in args else args
    as_json, quiet = "--json" in options, bool({"--quiet", "-q"} & set(options))
    with terminated() as signals:
        try:
            return _invoke(list(args))
        except BrokenPipeError:
            silence(sys.stdout)
            return 0
        except KeyboardInterrupt:
            return _stopped(signals, as_json)
        except SystemExit as error:
            return error.code if isinstance(error.code, int) else 1
        except BaseException as error:
            return _report(_as_error(error), as_json, quiet)


def _invoke(args: list[str]) -> int:
    command = get_command(_only_asked(args))
    read_plainly(command)
    try:
        with command.make_context("custier", list(args), obj=tuple(args)) as context:
            return int(command.invoke(context) or 0)
    except typer.Exit as exit:
        return exit.exit_code


def _only_asked(args: Sequence[str]) -> typer.Typer:
    """The app with the command that is called and no other, where one is: typer reads the signature of each."""
    called = [known for known in app.registered_commands if (known.name or getattr(known.callback, "__name__", "")) in args[:1]]
    if not called:
        return app
    one = copy(app)
    one.registered_commands, one.registered_groups = called, []
    return one


def _as_error(error: BaseException) -> CustierError:
    """Any exception as a CustierError: a wrong command line, an unwritable stdout, or a bug."""
    if isinstance(error, CustierError):
        return error
    if isinstance(error, typer.TyperException):
        return _usage(error)
    if isinstance(error, OSError) and error.filename is None and error.errno in (errno.ENOSPC, errno.EIO, errno.EBADF):
        silence(sys.stdout)
        return unwritable(error)
    from custier.cli.crash import crash

    return crash(error)


def _usage(error: typer.TyperException) -> UsageError:
    said = " ".join(error.format_message().replace("'", "`").split()).removesuffix(".")
    what, near = [*re.split(r"[.]? Did you mean |[.]? \(Possible options: ", said), ""][:2]
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "custier"
    cure = f"the nearest is {near.rstrip('?)')}" if near else f"{path} --help lists what there is"
    return UsageError(Problem("CT1900", what[:1].lower() + what[1:], help=cure))


def _report(error: CustierError, as_json: bool, quiet: bool) -> int:
    from custier.show.as_json import error_object, json_text
    from custier.show.print import tell_error

    tell_error(error, quiet=quiet, alone=True)
    if as_json:
        with suppress(CustierError):
            say(json_text({"ok": False, "error": error_object(error)}) + "\n")
    return error.exit_code


def _stopped(signals: Sequence[int], as_json: bool) -> int:
    word, code = ("terminated" if signals else "interrupted", STOPPED_BY_SIGNAL + next(iter(signals), signal.SIGINT))
    tell(f"{word}; what was published before stays published (exit {code})\n")
    if as_json:
        say(f'{{"ok": false, "error": {{"code": "{word}", "exit": {code}, "message": "{word}", "problems": []}}}}\n')
    return code


@contextmanager
def terminated() -> Iterator[list[int]]:
    """Turns the first SIGTERM or SIGHUP into a KeyboardInterrupt of its number, noted in the list; a second one ends all at once."""
    received: list[int] = []
    handled = [n for n in _enders() if signal.getsignal(n) != signal.SIG_IGN]  # `nohup` has SIGHUP ignored, and it stays so

    def stop(number: int, frame: FrameType | None) -> None:
        received.append(number)
        for ender in handled:
            signal.signal(ender, signal.SIG_DFL)
        raise KeyboardInterrupt(number)

    try:
        before = {number: signal.signal(number, stop) for number in handled}
    except ValueError:  # not the main thread: signals are not ours to handle
        yield received
        return
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _enders() -> list[signal.Signals]:
    return [signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
