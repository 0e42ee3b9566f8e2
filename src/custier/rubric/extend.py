"""A rubric that starts from another: the other's YAML with this one's changes, each part with its place in its own file."""

from __future__ import annotations

from pathlib import Path

from custier.errors import RubricError, nearest
from custier.rubric.merge import Merge
from custier.rubric.shipped import content_of, path_of, shown_name
from custier.rubric.yaml_file import YamlFile, scan_yaml

EXTENDS = "extends"
ITS_OWN = ("rubric", "version", "title", "changes", EXTENDS)
"""What says who a rubric is, and is not taken from the one it extends."""


def extended(file: YamlFile, path: Path, within: tuple[Path, ...] = ()) -> YamlFile:
    """The file together with what it extends, and what that extends; raises RubricError (CT1003, CT1004, and all that is wrong there).

    path: of the file; what it extends is looked for beside it. within: the files that extend this one.
    """
    named = file.data.get(EXTENDS)
    if not isinstance(named, str) or not named:
        return file
    there = _found(file, named, path.parent)
    _refuse_circle(file, [*within, path], there)
    base = extended(_read(file, there), there, (*within, path))
    base.raise_problems()
    merge = Merge(base, file, ITS_OWN)
    for at, name, known in merge.nowhere:
        near = nearest(name, known)
        cure = f"the nearest is `{near}`" if near else "leave it out"
        merge.file.report(at, "CT1005", f"there is no `{name}` in {base.name} to take away", cure)
    return merge.file


def _found(file: YamlFile, named: str, beside: Path) -> Path:
    try:
        return path_of(named, beside)
    except RubricError as error:
        problem = error.problems[0]
        raise file.unreadable(file.values[(EXTENDS,)], "CT1003", problem.what, problem.help) from None


def _read(file: YamlFile, there: Path) -> YamlFile:
    try:
        content = content_of(there, shown_name(there))
    except RubricError as error:
        cure = "name a rubric that ships (custier rubric list), or a file as it is found from this one"
        what = error.problems[0].what.replace("the rubric", f"the rubric {shown_name(there)}")
        raise file.unreadable(file.values[(EXTENDS,)], "CT1003", what, cure) from None
    return scan_yaml(content, shown_name(there))


def _refuse_circle(file: YamlFile, extending: list[Path], there: Path) -> None:
    if there.resolve() in [path.resolve() for path in extending]:
        circle = " → ".join(shown_name(path) for path in [*extending, there])
        raise file.unreadable(file.values[(EXTENDS,)], "CT1004", f"the rubric extends itself: {circle}", "let one of them stand alone")
