import io
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from custier.show.as_json import json_text
from custier.show.grid import bar
from custier.show.look import Look, look_of, render, styled
from custier.show.safe import safe
from custier.show.words import edges_in_words, share, worded

HOSTILE = ["\x1b]0;pwn\x07", "\x1b[2J", "\x9b2J", "a\u202eb", "a\u200bb", "\r\n", "\t", "\udc80", "\u2028", "\x00", "\u2066x"]


def test_what_could_drive_a_terminal_is_written_as_an_escape() -> None:
    assert safe("\x1b[2J") == r"\x1b[2J"
    assert safe("\x9b2J") == r"\x9b2J"
    assert safe("a\u202eb\u200bc") == r"a\u202eb\u200bc"
    assert safe("a\r\nb\t\udc80") == r"a\r\nb\t\udc80"


def test_what_prints_as_itself_stays() -> None:
    assert safe("张三 & Søn, №7 ✓") == "张三 & Søn, №7 ✓"


@given(st.text() | st.sampled_from(HOSTILE))
def test_safe_text_is_printable_and_safe_again(text: str) -> None:
    assert safe(text).isprintable()
    assert safe(safe(text)) == safe(text)


@given(st.text(max_size=40) | st.sampled_from([*HOSTILE, "[red]x[/red]", "[/bold]", "[link=http://e]x[/link]", ":smile:", "\\[x"]))
def test_rendered_data_is_the_safe_data_and_nothing_else(text: str) -> None:
    assert render(styled(text), Look(width=1000)) == safe(text).rstrip(" ") + "\n"


def test_colour_adds_escapes_only_where_the_look_has_colour() -> None:
    assert "\x1b[" in render(styled("x", "bold"), Look(colour=True))
    assert render(styled("x", "bold red"), Look()) == "x\n"


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def test_a_terminal_has_colour_unless_it_is_told_not_to() -> None:
    assert look_of(Terminal(), {}).colour
    assert not look_of(Terminal(), {"NO_COLOR": "1"}).colour
    assert look_of(Terminal(), {"NO_COLOR": ""}).colour
    assert not look_of(Terminal(), {"TERM": "dumb"}).colour


def test_a_file_is_100_wide_without_colour_and_columns_is_respected() -> None:
    assert look_of(io.StringIO(), {}) == Look(width=100, colour=False, unicode=False)
    assert look_of(Terminal(), {"COLUMNS": "20"}).width == 20
    assert look_of(Terminal(), {"COLUMNS": "100000"}).width == 120


def test_bars_grow_in_eighths_and_never_hide_what_is_not_nothing() -> None:
    assert bar(1, 4, Look()) == "████"
    assert bar(0.0001, 4, Look()) == "▏"
    assert bar(0, 4, Look()) == ""
    assert bar(0.5, 4, Look(unicode=False)) == "##"
    assert all(cell_len(bar(n / 97, 12, Look())) <= 12 for n in range(98))


def test_shares_say_when_they_are_not_quite_none_or_all() -> None:
    assert [share(x) for x in (None, 0.0, 0.0001, 0.0123, 0.99999, 1.0)] == ["", "0.0%", "<0.1%", "1.2%", ">99.9%", "100.0%"]


def test_values_keep_their_digits() -> None:
    assert worded(Decimal("523400.00"), Look()) == "523,400.00"
    assert worded(Decimal("5E+5"), Look()) == "500,000"
    assert [worded(None, Look()), worded(True, Look()), worded(-1234567, Look()), worded("\x1b", Look())] == [
        "missing",
        "yes",
        "-1,234,567",
        r"\x1b",
    ]


def test_edges_are_put_in_words_and_other_names_are_left_alone() -> None:
    assert edges_in_words("score at_least 500000", Look()) == "score at least 500,000"
    assert (
        edges_in_words("average_order > 20000.55 and day > date '20250101'", Look())
        == "average_order > 20,000.55 and day > date '20250101'"
    )
    assert edges_in_words("sku_12345-678901", Look()) == "sku_12345-678901"


def test_json_keeps_every_digit_and_has_no_nan() -> None:
    assert json_text({"a": Decimal("12345678901234567890.10"), "b": float("nan"), "c": "张\x1b"}) == (
        '{"a": 12345678901234567890.10, "b": null, "c": "\\u5f20\\u001b"}'
    )
