"""What data may hold to do harm: one corpus for every medium that custier writes to."""

from __future__ import annotations

FORMULAS = [
    "=1+1", "=cmd|' /C calc'!A0", '=HYPERLINK("http://e","x")', "@SUM(1,1)", "+1+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "＝1+1", "＋1", "－1", "＠x",
]  # fmt: skip
BREAKOUTS = ['a","=1+1', "a';=1+1", 'a;"=1+1', 'a|"=1+1', "a;=1+1", '"', '""', "'", "a\\", "\\N", "NULL,NULL"]
MARKUP = [
    "[red]x", "x[/bold]", "[link=http://e]x[/link]", "[/]", "[[x]]", ":smile:", "<script>alert(1)</script>", "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>", '"onmouseover="alert(1)', "&lt;b&gt;", "{{7*7}}", "{x.__class__}", "${x}", "%s%n", "%(x)s", "$(touch pwned)", "`id`",
    "'; drop table labels; --", "x' or '1'='1", "/* x */", "-- x", "http://evil", "file:///etc/passwd", "../../evil", "CON", "nul.txt", "a/b", "*?[x]",
]  # fmt: skip
UNSEEN = [
    "\x1b]0;pwn\x07", "\x1b[2J", "\x9b2J", "\x1b[31mred", "\x1b]8;;http://e\x1b\\x", "a\tb", "a\rb", "a\x0bb", "a\x85b", "a\u2028b", "a\x00b", "a\x7fb",
    "a\u202eb", "a\u2066b\u2069", "a\u200bb", "a\u200db", "a\ufeffb", "a\xadb",
    "2026-01-01 ERROR x\n2026-01-01 INFO all is well",
]  # fmt: skip
ODD = [
    "长" * 400,
    "x" * 5000,
    "👩‍👩‍👧",
    "é",
    "e\u0301",
    "ﷺ",
    "İ",
    "\U0001f600",
    "\u00a0x",
    "0x1f",
    "1e5",
    "nan",
    "true",
    "-5",
    "+8613800138000",
]

TEXTS = [*FORMULAS, *BREAKOUTS, *MARKUP, *UNSEEN, *ODD]


def drives_a_terminal(said: str) -> str:
    """The first character of a page that is more than its own picture; empty where there is none."""
    return next((c for c in said if not c.isprintable() and c != "\n"), "")
