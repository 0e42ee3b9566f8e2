"""Every problem of a rubric has its page of help."""

import re
from pathlib import Path

import pytest

import custier

PACKAGE = Path(custier.__file__).parent
CODES = sorted(
    {code for path in (PACKAGE / "rubric").rglob("*.py") for code in re.findall(r'"(CT[16]\d{3})"', path.read_text(encoding="utf-8"))}
)

WARNINGS = ("CT1467", "CT1490", "CT1491", "CT1492", "CT1493", "CT1494", "CT1495")


@pytest.mark.parametrize("code", CODES)
def test_each_code_has_a_short_page_that_starts_with_it(code: str):
    lines = (PACKAGE / "help" / f"{code}.md").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith(f"# {code} ") and lines[0] == lines[0].rstrip(". ")
    assert 8 <= len(lines) <= 18
    assert lines[-1].startswith("Exit code 0:" if code in WARNINGS else "Exit code 2.")


def test_the_codes_were_found():
    assert len(CODES) >= 36
