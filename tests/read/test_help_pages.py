"""Every problem of reading and validating has its page of help, and a test that raises it."""

import re
from pathlib import Path

import pytest

import custier

PACKAGE = Path(custier.__file__).parent
SOURCES = [*(PACKAGE / "read").glob("*.py"), *(PACKAGE / "validate").rglob("*.py")]
CODES = sorted({code for path in SOURCES for code in re.findall(r'"(CT\d{4})"', path.read_text(encoding="utf-8"))})
TESTS = "".join(
    p.read_text(encoding="utf-8") for p in [*Path(__file__).parent.glob("test_*.py"), Path(__file__).parents[1] / "test_validate.py"]
)


def test_the_codes_were_found():
    assert len(CODES) >= 35


@pytest.mark.parametrize("code", CODES)
def test_each_code_has_a_page_that_starts_with_it_and_ends_with_the_exit_code(code: str):
    lines = (PACKAGE / "help" / f"{code}.md").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith(f"# {code} ") and lines[0] == lines[0].rstrip(". ")
    assert 8 <= len(lines) <= 18 and "Exit code" in lines[-1]


@pytest.mark.parametrize("code", CODES)
def test_each_code_is_raised_in_a_test(code: str):
    assert f'"{code}"' in TESTS
