"""custier rubric list | show | check | diff | schema"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from custier.cli.options import DEFAULT_STORE, Json, Lang, RubricName, Store, language
from custier.show.out import say, say_as_it_is

if TYPE_CHECKING:
    from custier.rubric.model import Rubric

A_RUN = re.compile(r"\d{4}-\d{2}-\d{2}(-[0-9a-f]*)?")

rubric = typer.Typer(rich_markup_mode=None, add_completion=False, no_args_is_help=False)


@rubric.callback(invoke_without_command=True)
def rubrics(ctx: typer.Context) -> int:
    """Look at the policies that ship, and check your own."""
    if ctx.invoked_subcommand is None:
        say(ctx.get_help() + "\n")
    return 0


@rubric.command("list")
def list_rubrics(as_json: Json = False) -> int:
    """List the rubrics that ship, with their titles."""
    from custier.rubric import shipped_titles
    from custier.show.as_json import json_text
    from custier.show.names import names_and_titles

    titles = shipped_titles()
    said = {"ok": True, "rubrics": [*titles], "titles": {name: {"en": title.en, "zh": title.zh} for name, title in titles.items()}}
    told = {name: (title.en, title.zh or "") for name, title in titles.items()}
    say(json_text(said) + "\n" if as_json else names_and_titles(told))
    return 0


@rubric.command("show")
def show_rubric(
    name: Annotated[str, typer.Argument(metavar="NAME", help="a rubric that ships; with --resolved also a file", show_default=False)],
    resolved: Annotated[
        bool, typer.Option("--resolved", help="with what it extends, short forms and defaults written out, as runs keep it")
    ] = False,
) -> int:
    """Print a rubric that ships, to start one's own from."""
    from custier.rubric import load_rubric, resolved_text, shipped_text

    say_as_it_is(resolved_text(load_rubric(name).rubric) if resolved else shipped_text(name))
    return 0


@rubric.command("check")
def check_rubric(
    file: Annotated[str, typer.Argument(metavar="FILE", help="a rubric file, or the name of one that ships", show_default=False)],
    as_json: Json = False,
) -> int:
    """Check a rubric; every mistake with its line and its cure, and warnings of what is probably not meant."""
    from custier.rubric import load_rubric
    from custier.show.as_json import json_text
    from custier.show.print import tell_warnings
    from custier.show.safe import safe

    loaded = load_rubric(file)
    name, tiers = loaded.rubric.rubric, [tier.name for tier in loaded.rubric.tiers]
    said = {"ok": True, "rubric": name, "version": loaded.rubric.version, "tiers": tiers, "origin": str(loaded.origin)}
    said |= {"warnings": loaded.warnings}
    line = f"{file}: ok, rubric {name} version {loaded.rubric.version}, tiers {', '.join(tiers)}"
    say((json_text(said) if as_json else safe(line)) + "\n")
    if not as_json:
        tell_warnings(loaded.warnings)
    return 0


Compared = Annotated[str, typer.Argument(metavar="RUBRIC", help="a name that ships, a file, or a run id", show_default=False)]


@rubric.command("diff")
def diff(
    was: Compared, now: Compared, store: Store = DEFAULT_STORE, rubric: RubricName = None, lang: Lang = None, as_json: Json = False
) -> int:
    """Say what differs between two rubrics: tiers, edges, weights, rules, windows. The rubric of a run is the one that the run keeps."""
    from custier.rubric.differences import differences
    from custier.show.print import print_differences

    spoken = language(lang)
    old, new = (_rubric_of(word, store, rubric) for word in (was, now))
    print_differences(old, new, differences(old, new), as_json=as_json, lang=spoken)
    return 0


def _rubric_of(word: str, store: Path, rubric: str | None) -> Rubric:
    from custier.rubric import load_rubric

    if not A_RUN.fullmatch(word):
        return load_rubric(word).rubric
    from custier.store import find_store, require_files, resolve_run

    found = find_store(store, rubric)
    return load_rubric(require_files(found, resolve_run(found, word), ["rubric.yaml"]) / "rubric.yaml").rubric


@rubric.command("schema")
def schema() -> int:
    """Print the JSON Schema of a rubric, for editors."""
    from custier.rubric import rubric_schema

    say(json.dumps(rubric_schema(), indent=2) + "\n")
    return 0
