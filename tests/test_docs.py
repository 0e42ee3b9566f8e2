"""What the documents say is what happens: their commands run, their output is real, and every code has its page."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import custier
from custier.cli import run

ROOT = Path(__file__).parents[1]
PACKAGE = Path(custier.__file__).parent
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
README = (ROOT / "README.md").read_text(encoding="utf-8")
RUN_KEY = re.compile(r"(\d{4}-\d{2}-\d{2})-[0-9a-f]{12}")
GONE = "…"


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)


def commands(block: str) -> Iterator[tuple[str, str]]:
    """Each `$ command` of a console block with the output below it."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        line, _, output = part.partition("\n")
        yield line, output


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a reader has who followed the README: the demo's files, and sales.csv."""
    place = tmp_path_factory.mktemp("docs")
    assert run_line("custier demo", place).returncode == 0
    (place / "sales.csv").write_text(blocks(README, "csv")[0], encoding="utf-8")
    return place


def run_line(line: str, place: Path) -> subprocess.CompletedProcess[str]:
    tool = f'custier() {{ {shlex.quote(sys.executable)} -m custier "$@"; }}\n'
    paths = os.pathsep.join(str(Path(path).resolve()) for path in sys.path if path)
    env = {**os.environ, "PYTHONPATH": paths, "COLUMNS": "100", "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(["bash", "-c", tool + line], cwd=place, env=env, capture_output=True, encoding="utf-8", check=False)


def as_pattern(output: str) -> str:
    """The output as written in a document; a line of `…` stands for any lines, a run's key for any key."""
    lines = [r"(?:.*\n)*?" if line == GONE else re.escape(line) + "\n" for line in RUN_KEY.sub(r"\1-key", output).splitlines()]
    return "".join(lines)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_of_a_document_runs_and_says_what_the_document_says(document: Path, folder: Path) -> None:
    for language, block in re.findall(r"^```(console|sh)\n(.*?)^```", document.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE):
        shown = commands(block) if language == "console" else ((line, GONE) for line in block.replace("\\\n", "").splitlines())
        for line, output in shown:
            if ".venv" in line:
                continue
            done = run_line(line, folder)
            assert done.returncode == 0, f"{line}\n{done.stderr}"
            said = RUN_KEY.sub(r"\1-key", done.stdout)
            assert re.fullmatch(as_pattern(output), said), f"{line}\n{said}"


def test_commands_were_found() -> None:
    assert len(list(commands("".join(blocks(README, "console"))))) >= 4 and len(blocks(README, "sh")) >= 5


def test_the_policy_of_the_first_screen_is_the_one_that_ships(folder: Path) -> None:
    (folder / "screen.yaml").write_text(blocks(README, "yaml")[0], encoding="utf-8")
    for rubric, name in (("annual-spend", "shipped"), ("screen.yaml", "screen")):
        options = f"--rubric {rubric} --store {name}-store --out {name} --quiet"
        assert run_line(f"custier classify sales.csv {options}", folder).returncode == 0
    assert (folder / "shipped" / "labels.csv").read_bytes() == (folder / "screen" / "labels.csv").read_bytes()


def test_the_commands_that_set_up_are_those_that_are_checked() -> None:
    checked = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    setting_up = [line for block in blocks(README, "sh") for line in block.splitlines() if ".venv" in line]
    assert len(setting_up) == 2 and [line for line in setting_up if line not in checked] == []


def test_the_page_of_the_command_line_is_what_the_commands_say() -> None:
    spec = importlib.util.spec_from_file_location("make_cli_docs", ROOT / "tools" / "make_cli_docs.py")
    assert spec is not None and spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert plain(tool.PAGE.read_text(encoding="utf-8")) == plain(tool.page()), "run tools/make_cli_docs.py"


def plain(page: str) -> list[str]:
    """The words of a page, without what versions of typer draw differently around them."""
    return re.sub(r"<[^>\n]*>|[{}\[\]]", "", page).split()


def test_every_link_of_a_document_leads_somewhere() -> None:
    for document in [*DOCUMENTS, ROOT / "CHANGELOG.md"]:
        links = re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text(encoding="utf-8"))
        assert [link for link in links if not (document.parent / link).exists()] == []


SOURCE = "".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
CODES = sorted(set(re.findall(r"\"(CT\d{4})\"", SOURCE)))
PAGES = {path.stem: path.read_text(encoding="utf-8") for path in (PACKAGE / "help").glob("*.md")}
TESTS = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__))


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    assert sorted(PAGES) == CODES and len(CODES) >= 100


@pytest.mark.parametrize("code", CODES)
def test_a_page_is_printed_and_ends_with_the_exit_code(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["help", code.lower()]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"# {code} ") and not lines[0].endswith(".") and 8 <= len(lines) <= 18
    assert re.match(r"Exit codes?:? \d", lines[-1]) and max(map(len, lines)) <= 160


def test_a_page_names_only_codes_and_commands_that_there_are() -> None:
    named = {code for page in PAGES.values() for code in re.findall(r"CT\d{4}", page)}
    assert named - set(CODES) == set()


@pytest.mark.parametrize("code", CODES)
def test_each_code_is_named_in_a_test(code: str) -> None:
    assert code in TESTS
