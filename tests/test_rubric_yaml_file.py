"""YAML is read exactly, with positions, and refused where it is unsafe or ambiguous."""

import time
from decimal import Decimal

import pytest

from custier.errors import RubricError
from custier.rubric.yaml_file import MOST_BYTES, YamlFile, plain_value, read_yaml


def read(text: str) -> YamlFile:
    return read_yaml(text.encode(), "my.yaml")


def refused(content: str | bytes) -> list[tuple[str, str]]:
    with pytest.raises(RubricError) as error:
        read_yaml(content if isinstance(content, bytes) else content.encode(), "my.yaml")
    assert all(problem.help for problem in error.value.problems)
    return [(problem.where.removeprefix("my.yaml:"), problem.code) for problem in error.value.problems]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1_000", 1000),
        ("-3", -3),
        ("4.50", Decimal("4.50")),
        (".5", Decimal("0.5")),
        ("1e5", Decimal(100000)),
        ("true", True),
        ("false", False),
        ("", None),
        ("null", None),
    ],
)
def test_a_plain_value_is_exact(text: str, value: object):
    assert plain_value(text) == value
    assert type(plain_value(text)) is type(value)


@pytest.mark.parametrize(
    "text", ["no", "NO", "on", "yes", "True", "010", "12:30:45", "0x1f", "0o17", "2025-01-31", "50万", "１２", "1" * 41, "1.2.3"]
)
def test_a_text_stays_as_it_was_written(text: str):
    assert read(f"a: {text}").data == {"a": text}


def test_quotes_make_a_text_of_a_number():
    assert read("a: '10'\nb: \"true\"\nc: |\n  5\n").data == {"a": "10", "b": "true", "c": "5\n"}


def test_every_key_and_value_has_its_line_and_column():
    file = read("rubric: x\ntiers:\n  - {name: VIP}\n")
    assert file.keys["tiers", 0, "name"] == (3, 6)
    assert file.values["tiers", 0, "name"] == (3, 12)
    assert file.values["tiers", 0] == (3, 5)
    assert file.keys["tiers",] == (2, 1)


def test_a_byte_order_mark_and_windows_line_ends_are_accepted():
    file = read_yaml(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n", "my.yaml")
    assert file.data == {"a": 1, "b": 2}
    assert (file.keys["a",], file.keys["b",]) == ((1, 1), (2, 1))


def test_a_repeated_key_is_refused_at_its_second_place():
    assert refused("a: 1\nb: {c: 1, c: 2}\na: 3\n") == [("2:11", "CT1102"), ("3:1", "CT1102")]


def test_a_repeated_key_names_the_line_of_the_first():
    with pytest.raises(RubricError, match="`a` stands twice; first on line 1"):
        read("a: 1\nb: 2\na: 3\n")


@pytest.mark.parametrize(
    ("content", "where", "code"),
    [
        ("a:\n\t- b\n", "2:1", "CT1101"),
        ("a: b: c\n", "1:5", "CT1101"),
        ("a: [1, 2\nb: 3\n", "2:2", "CT1101"),
        ("a: 1\nb: \x07\n", "2:4", "CT1101"),
        ("a: 1\n---\nb: 2\n", "2:1", "CT1103"),
        ("标题: 1\nb: 客户\n".encode("gbk"), "1:1", "CT1104"),
        (b"a: 1\nb: '" + "客户".encode("gbk") + b"'", "2:5", "CT1104"),
        ("a: 1".encode("utf-16"), "1:1", "CT1104"),
        ("a: 1".encode("utf-16-le"), "1:1", "CT1104"),
        ("", "1:1", "CT1105"),
        ("# only a comment\n", "1:1", "CT1105"),
        ("- a\n", "1:1", "CT1105"),
        ("just text\n", "1:1", "CT1105"),
        ("a: .nan\n", "1:4", "CT1106"),
        ("a: -.INF\n", "1:4", "CT1106"),
        ("? [a]\n: 1\n", "1:3", "CT1107"),
        ("a: &x 1\nb: *x\n", "1:4", "CT6101"),
        ("a: *x\n", "1:4", "CT6101"),
        ("&x a: 1\n", "1:1", "CT6101"),
        ("a: !!python/object/apply:os.system [ls]\n", "1:4", "CT6103"),
        ("a: !thing 1\n", "1:4", "CT6103"),
        ("a" * (MOST_BYTES + 1), "1:1", "CT6104"),
    ],
)
def test_what_is_unsafe_or_unclear_is_refused_where_it_stands(content: str | bytes, where: str, code: str):
    assert refused(content) == [(where, code)]


@pytest.mark.parametrize("content", ["[" * 2000, "a: " + "{a: " * 2000, "- " * 5000, "? " * 5000])
def test_deep_nesting_is_refused_quickly_and_without_a_crash(content: str):
    started = time.monotonic()
    assert next(code for _, code in refused(content)) in ("CT6102", "CT1107")
    assert time.monotonic() - started < 2


def test_an_alias_bomb_is_refused_before_it_grows():
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 20))
    assert refused(bomb) == [("1:5", "CT6101")]


def test_twenty_levels_are_still_read():
    assert read("a: " + "[" * 19 + "1" + "]" * 19).data["a"]
