"""Where a rubric is: in a file, or among those that ship with custier."""

from __future__ import annotations

from pathlib import Path

from custier.errors import Problem, RubricError, listed, nearest
from custier.rubric.scalars import Title
from custier.rubric.yaml_file import MOST_BYTES, scan_yaml

SUFFIXES = (".yaml", ".yml")


def shipped_rubrics() -> list[str]:
    """The names of the rubrics that ship with custier."""
    return sorted(path.stem for path in _shipped_directory().glob("*.yaml"))


def shipped_titles() -> dict[str, Title]:
    """Each shipped rubric's title by its name."""
    return {name: Title.model_validate(scan_yaml(shipped_text(name).encode(), name).data["title"]) for name in shipped_rubrics()}


def shipped_text(name: str) -> str:
    """The text of a shipped rubric; raises RubricError for an unknown name."""
    if name.endswith(SUFFIXES):
        cure = f"a file is its own text; to see it with its defaults: custier rubric show {name} --resolved"
        raise RubricError(Problem("CT1001", f"`{name}` is a file, not a rubric that ships with custier", help=cure))
    return _shipped_path(name).read_text(encoding="utf-8")


def path_of(name_or_path: str | Path, beside: Path = Path()) -> Path:
    """The file of a shipped rubric's name, or of a path from a directory; raises RubricError (CT1001) for an unknown name."""
    is_name = isinstance(name_or_path, str) and not name_or_path.endswith(SUFFIXES) and Path(name_or_path).name == name_or_path
    return _shipped_path(str(name_or_path)) if is_name else beside / name_or_path


def content_of(path: Path, called: str) -> bytes:
    """The bytes of a file, no more than are read; raises RubricError (CT1002)."""
    try:
        with path.open("rb") as opened:
            return opened.read(MOST_BYTES + 1)
    except OSError as error:
        cure = "give a file that can be read, or the name of a shipped rubric: custier rubric list"
        raise RubricError(Problem("CT1002", f"the rubric cannot be read: {error.strerror}", called, cure)) from None


def shown_name(path: Path) -> str:
    """What problems call a file."""
    return path.name if path.parent == _shipped_directory() else str(path)


def _shipped_path(name: str) -> Path:
    known = shipped_rubrics()
    if name in known:
        return _shipped_directory() / f"{name}.yaml"
    near = nearest(name, known)
    cure = f"the nearest is `{near}`; " if near else ""
    raise RubricError(
        Problem(
            "CT1001",
            f"`{name}` is not a rubric that ships with custier",
            help=f"{cure}there are {listed(known, 60)}; or give a file: ./{name}.yaml",
        )
    )


def _shipped_directory() -> Path:
    """Beside the package in a wheel, at the top of a checkout."""
    package = Path(__file__).parents[1]
    return package / "configs" if (package / "configs").is_dir() else package.parents[1] / "configs"
