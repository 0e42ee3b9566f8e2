"""A rubric's author is fallible: every fault is refused at its place, at once, and nothing in a rubric can hang or kill."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from custier.errors import RubricError
from custier.rubric.load import load_rubric, parse_rubric, shipped_rubrics, shipped_text

TWO_TIERS = "rubric: mine\ntiers:\n  - {name: A, when: %s}\n  - {name: B}\n"
NOW = 3.0
"""Seconds; a fault is told in less than half of one, and a busy machine may take longer."""


def refused(content: str | bytes) -> list[tuple[str, str]]:
    """Code and line:column of each problem, told in time and each with a cure."""
    started = time.perf_counter()
    with pytest.raises(RubricError) as error:
        parse_rubric(content if isinstance(content, bytes) else content.encode(), "my.yaml")
    assert time.perf_counter() - started < NOW
    assert error.value.exit_code == 2 and all(problem.help for problem in error.value.problems)
    return [(problem.code, problem.where.removeprefix("my.yaml:")) for problem in error.value.problems]


def one_of_many(count: int) -> str:
    return TWO_TIERS % ("{any: [" + ", ".join(f"orders = {n}" for n in range(count)) + "]}")


FAULTS = {
    "an unknown key": (TWO_TIERS % "spend > 1" + "currencie: EUR\n", [("CT1203", "5:1")]),
    "a key that stands twice": (TWO_TIERS % "spend > 1" + "version: 1\nversion: 2\n", [("CT1102", "6:1")]),
    "a number that is a word": (TWO_TIERS % "spend > 1" + "version: twelve\n", [("CT1205", "5:10")]),
    "a time of day for a number": (TWO_TIERS % "spend > 1" + "version: 12:30:45\n", [("CT1205", "5:10")]),
    "an octal number": (TWO_TIERS % "spend > 1" + "version: 010\n", [("CT1205", "5:10")]),
    "a tab": ("rubric: mine\ntiers:\n\t- {name: A}\n", [("CT1101", "3:1")]),
    "an alias bomb": ("a: &a [x,x,x]\nb: &b [*a,*a,*a]\nc: [*b,*b,*b]\n", [("CT6101", "1:4")]),
    "2,000 nested brackets": ("rubric: mine\ntiers: " + "[" * 2000 + "]" * 2000 + "\n", [("CT6102", "2:28")]),
    "2,000 nested blocks": ("rubric: mine\n" + "".join(f"{' ' * n}a:\n" for n in range(500)), [("CT6102", "23:22")]),
    "a tag that runs a command": ('rubric: !!python/object/apply:os.system ["touch pwned"]\n', [("CT6103", "1:9")]),
    "two documents": (TWO_TIERS % "spend > 1" + "---\nrubric: other\n", [("CT1103", "5:1")]),
    "GBK": ("rubric: mine\ntitle: 客户分级\n".encode("gbk"), [("CT1104", "2:8")]),
    "UTF-16": ((TWO_TIERS % "spend > 1").encode("utf-16"), [("CT1104", "1:1")]),
    "not a number": (TWO_TIERS % "spend > 1" + "metrics: {m: {share_of_total: spend}}\nguardrails: {moved_at_most: .nan}\n", [("CT1106", "6:29")]),
    "an infinite edge": (
        "rubric: mine\nscore: {spend: {weight: 100, bands: [{at_least: .inf, points: 1}, {otherwise: 0}]}}\ntiers: [{name: A}]\n",
        [("CT1106", "2:49")],
    ),
    "a share without its sign": (TWO_TIERS % "spend > 1" + "guardrails: {moved_at_most: 1}\n", [("CT1205", "5:29")]),
    "1,200 terms": (TWO_TIERS % ('"' + " or ".join(f"spend > {n}" for n in range(1200)) + '"'), [("CT6201", "3:21")]),
    "20,000 terms": (TWO_TIERS % ('"' + " or ".join(f"spend > {n}" for n in range(20_000)) + '"'), [("CT6104", "1:1")]),
    "10,000 parentheses": (TWO_TIERS % ('"' + "(" * 10_000 + "spend > 1" + ")" * 10_000 + '"'), [("CT6201", "3:21")]),
    "900 parentheses": (TWO_TIERS % ('"' + "(" * 900 + "spend > 1" + ")" * 900 + '"'), [("CT6201", "3:21")]),
    "400 signs": (TWO_TIERS % ('"' + "- " * 400 + 'spend > 1"'), [("CT6201", "3:21")]),
    "a condition of 3,000 parts": (one_of_many(3000), [("CT6202", "3:2718")]),
    "more values than a policy has": (
        TWO_TIERS % "spend > 1" + "".join(f"x{n}: [{', '.join(['a'] * 150)}]\n" for n in range(30)),
        [("CT6202", "24:373")],
    ),
    "a file of more than 256 KiB": ("#" * 300_000, [("CT6104", "1:1")]),
    "a tier that a spreadsheet takes for a formula": ("rubric: mine\ntiers:\n  - {name: '=1+1'}\n", [("CT1206", "3:12")]),
    "a tier that clears the screen": ('rubric: mine\ntiers:\n  - {name: "A\\e[2J"}\n', [("CT1206", "3:12")]),
    "a tier that turns the writing round": ('rubric: mine\ntiers:\n  - {name: "A\\u202eB"}\n', [("CT1206", "3:12")]),
    "a title that a spreadsheet takes for a formula": (
        TWO_TIERS % "spend > 1" + "metrics: {m: {sum: amount, title: '＝cmd()'}}\n",
        [("CT1205", "5:35")],
    ),
    "half of a character": (TWO_TIERS % "spend > 1" + 'title: "\\ud83d"\n', [("CT1101", "5:8")]),
    "a title with a character that nobody sees": (TWO_TIERS % "spend > 1" + 'title: "Customer\\u200b grade"\n', [("CT1205", "5:8")]),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_a_rubric_is_refused_at_its_place_and_at_once(fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    content, expected = FAULTS[fault]
    assert refused(content) == expected
    assert not list(tmp_path.iterdir())


def test_the_mistyped_key_is_named_with_its_cure() -> None:
    with pytest.raises(RubricError, match="unknown key `wight`") as error:
        parse_rubric(b"rubric: a\nscore:\n  spend: {wight: 100, bands: [{otherwise: 1}]}\ntiers: [{name: A}]\n", "my.yaml")
    assert error.value.problems[0].help == "the nearest known key is `weight`"


def test_a_condition_of_as_many_parts_as_a_block_holds_is_checked_quickly() -> None:
    started = time.perf_counter()
    parse_rubric(one_of_many(200).encode(), "my.yaml")
    assert time.perf_counter() - started < NOW


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", "＋", "－", "＠"])
def test_no_text_of_a_rubric_that_stands_in_a_table_begins_a_formula(sign: str) -> None:
    texts = f"'{sign}cmd'"
    for text in (
        f"tiers: [{{name: {texts}}}]",
        f"tiers: [{{name: A, benefits: [{texts}]}}]",
        f"tiers: [{{name: A}}]\nsegments: {{s: {{{texts}: spend > 1, rest: otherwise}}}}",
        f"tiers: [{{name: A, when: spend > 5}}, {{name: B}}]\nrules: [{{name: r, when: spend > 1, at_most: B, reason: {texts}}}]",
        f"tiers: [{{name: A}}]\nactions: [{{name: a, tier: A, do: {texts}}}]",
        f"tiers: [{{name: A}}]\nactions: [{{name: a, tier: A, do: call, owner: {texts}}}]",
        f"tiers: [{{name: A}}]\nmetrics: {{m: {{sum: amount, title: {texts}}}}}",
    ):
        assert {code for code, _ in refused(f"rubric: mine\n{text}\n")} <= {"CT1205", "CT1206"}


@pytest.mark.parametrize(
    ("condition", "warned"),
    [
        ("1 = 1", True),
        ("spend > 1 and 2 > 1", True),
        ("'a' = 'a' or spend > 1", True),
        ("spend > 1 + 1", False),
        ("spend - orders > 0", False),
    ],
)
def test_a_part_of_a_condition_that_holds_for_all_alike_is_warned_of(condition: str, warned: bool, tmp_path: Path) -> None:
    (tmp_path / "my.yaml").write_text(f'rubric: mine\ntiers: [{{name: A}}]\nflags: {{f: "{condition}"}}\n')
    warnings = load_rubric(tmp_path / "my.yaml").warnings
    assert ["CT1467"] * warned == [w.code for w in warnings]
    assert all(w.where.endswith("my.yaml:3:12") for w in warnings)


# --- whatever the bytes ----------------------------------------------------------------------------------------------


def told(content: bytes) -> None:
    """Loading ends soon: a rubric, or problems that each have a code, a line and a cure."""
    started = time.perf_counter()
    try:
        parse_rubric(content, "my.yaml")
    except RubricError as error:
        for problem in error.problems:
            assert (problem.code.startswith(("CT1", "CT6")) and problem.where.startswith("my.yaml:")) or problem.code == "CT1902", problem
            assert problem.help, problem
    assert time.perf_counter() - started < NOW


WORDS = sorted({word for name in shipped_rubrics() for word in shipped_text(name).replace(",", " ").replace("{", " ").split()})
LINES = sorted({line for name in shipped_rubrics() for line in shipped_text(name).splitlines()})
ODD = [
    "",
    " ",
    "\t",
    ":",
    "- ",
    "{",
    "}",
    "[",
    "]",
    "'",
    '"',
    "&a",
    "*a",
    "!x",
    "|",
    ">",
    "#",
    "%",
    "@",
    "---",
    "\0",
    "\x1b",
    "，",
    "：",
    "1e400",
    "9" * 40,
    ".nan",
    "~",
    "<<",
    "?",
]


def mutated(seed: int) -> bytes:
    """A shipped rubric with some of its words, signs and lines exchanged, doubled, moved or gone."""
    chance = random.Random(seed)
    text = shipped_text(chance.choice(shipped_rubrics()))
    for _ in range(chance.randint(1, 6)):
        at, length = chance.randrange(len(text) + 1), chance.choice([0, 1, 3, 10, 60])
        instead = chance.choice([chance.choice(WORDS), chance.choice(ODD), chance.choice(LINES) + "\n", text[at : at + 40] * 2])
        text = text[:at] + instead + text[at + length :]
    return text.encode("utf-8", "surrogatepass")


@given(st.integers(0, 2**32))
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_changed_rubric_loads_or_is_refused_with_places(seed: int) -> None:
    told(mutated(seed))


YAML = st.recursive(
    st.sampled_from([*WORDS[::7], "", "~", "true", "1", "20%", "-1", ".5", "spend > 1", "lifetime", "otherwise"]),
    lambda inner: st.lists(inner, max_size=4).map(lambda parts: f"[{', '.join(parts)}]")
    | st.dictionaries(st.sampled_from(WORDS[::3]), inner, max_size=4).map(lambda block: "{" + ", ".join(f"{k}: {v}" for k, v in block.items()) + "}"),
    max_leaves=20,
)  # fmt: skip
KEYS = ("rubric", "extends", "version", "title", "currency", "sources", "window", "metrics", "merge", "accounts", "points", "eligible",
        "score", "tiers", "matrix", "cuts", "rules", "retention", "flags", "segments", "benefits", "actions", "guardrails", "changes")  # fmt: skip


@given(st.dictionaries(st.sampled_from(KEYS), YAML, max_size=5))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_blocks_load_or_are_refused_with_places(blocks: dict[str, str]) -> None:
    told("".join(f"{key}: {value}\n" for key, value in blocks.items()).encode())


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_refused_with_a_place(content: bytes) -> None:
    told(content)
