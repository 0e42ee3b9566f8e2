"""How a rubric says how a text is written: which words it takes, and what it says of others."""

import pytest

from custier.errors import RubricError
from custier.rubric.load import parse_rubric
from custier.rubric.model import Source


def source(said: str) -> Source:
    text = f"rubric: mine\nsources: {{transactions: {{{said}}}}}\ntiers: [{{name: A}}]\n"
    return parse_rubric(text.encode(), "mine.yaml").sources["transactions"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("UTF-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("GBK", "gb18030"),
        ("gb2312", "gb18030"),
        ("cp936", "gb18030"),
        ("big5", "cp950"),
        ("Shift_JIS", "cp932"),
        ("shift-jis", "cp932"),
        ("windows-1252", "cp1252"),
        ("latin-1", "iso8859-1"),
        ("Mac-Roman", "mac-roman"),
        ("utf-16", "utf-16"),
        ("UTF-16LE", "utf-16-le"),
    ],
)
def test_an_encoding_is_known_by_its_names(written: str, meant: str):
    assert source(f"encoding: {written}").encoding == meant


@pytest.mark.parametrize(
    "written",
    [
        "ansi",
        "rot13",
        "base64",
        "unicode_escape",
        "raw_unicode_escape",
        "undefined",
        "punycode",
        "hex",
        "idna",
        "utf-7",
        "utf-32",
        "1252",
        "[utf-8]",
        '"utf\\0"',
        '""',
    ],
)
def test_what_is_no_encoding_of_texts_is_refused_with_some_that_are(written: str):
    with pytest.raises(RubricError) as caught:
        source(f"encoding: {written}")
    (problem,) = caught.value.problems
    assert problem.code == "CT1205" and problem.where.startswith("mine.yaml:2:") and "cp1252" in problem.help


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('";"', ";"),
        ("tab", "\t"),
        ("Tab", "\t"),
        ('"\\t"', "\t"),
        ("semicolon", ";"),
        ("comma", ","),
        ("'|'", "|"),
        ("pipe", "|"),
        ("^", "^"),
        ("whitespace", "whitespace"),
    ],
)
def test_a_separator_is_a_sign_or_its_name(written: str, meant: str):
    assert source(f"separator: {written}").separator == meant


@pytest.mark.parametrize("written", ['";;"', "a", "7", '" "', "'\"'", '"\\n"', "，", '"-"', '"."', '""'])
def test_what_cannot_stand_between_cells_is_refused(written: str):
    with pytest.raises(RubricError) as caught:
        source(f"separator: {written}")
    assert [p.code for p in caught.value.problems] == ["CT1205"] and 'such as ";"' in caught.value.problems[0].help


def test_one_beginning_of_totals_needs_no_list_and_none_is_something_else_than_no_word():
    assert source("total_lines: 合计").total_lines == ["合计"] == source("total_lines: [' 合计 ']").total_lines
    assert source("total_lines: []").total_lines == [] and source("header_line: 1").total_lines is None


@pytest.mark.parametrize(
    "said", ["header_line: 0", "header_line: 1.5", "header_line: '3'", "header: customer", "total_lines: ['']", "total_lines: 3"]
)
def test_lines_and_names_of_another_kind_are_refused(said: str):
    with pytest.raises(RubricError) as caught:
        source(said)
    assert caught.value.problems[0].code in ("CT1204", "CT1205")
