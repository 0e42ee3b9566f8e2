"""The example of docs/export.md, run as a reader would."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from custier.cli import run

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "export.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(text: str, language: str) -> str:
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)[0]


def test_the_example_prints_what_the_page_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("sales.csv").write_text(block(README, "csv"), encoding="utf-8")
    assert run(block(PAGE, "console").splitlines()[0].removeprefix("$ custier ").split()) == 0
    exec(compile(block(PAGE, "python"), "docs/export.md", "exec"), {})
    assert capsys.readouterr().out.strip() == block(PAGE, "text").strip()
