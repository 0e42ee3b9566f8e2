"""custier copy"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from custier.cli.options import DEFAULT_STORE, Json, KeyFile, Lang, Pseudonymise, RubricName, Store, language, pseudonym_key, words_of
from custier.show.out import say


def copy(
    run: Annotated[
        str | None, typer.Argument(metavar="RUN", help="a run id or the start of one; otherwise the current run", show_default=False)
    ] = None,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="where flat copies go", show_default=False)] = ...,  # type: ignore[assignment]
    formats: Annotated[
        str | None,
        typer.Option("--format", metavar="LIST", help="labels to copy, of csv,parquet,xlsx; else those that are there", show_default=False),
    ] = None,
    pseudonymise: Pseudonymise = False,
    key_file: KeyFile = None,
    store: Store = DEFAULT_STORE,
    rubric: RubricName = None,
    lang: Lang = None,
    as_json: Json = False,
) -> int:
    """Put copies of a published run into a folder, as `classify --out` does.

    After a rollback the copies are still those of the run that was undone: this makes them those of the current one.
    """
    said_in, key = language(lang), pseudonym_key(pseudonymise, key_file, out)
    from custier import store as stores
    from custier.cli.history import stored_summary
    from custier.pipeline import FORMATS
    from custier.pipeline.copies import copy_stored
    from custier.show.as_json import json_text

    wanted, found = words_of(formats, FORMATS, "--format") if formats else (), stores.find_store(store, rubric)
    with stores.locked(found, "copy"):
        run_id = stores.published_run(found, run)
        copy_stored(found, run_id, stored_summary(found, run_id), out, wanted, key, said_in)
    say(json_text({"ok": True, "run": run_id, "out": str(out)}) + "\n" if as_json else f"{out} holds copies of {run_id}\n")
    return 0
