"""Signs as a Chinese keyboard writes them, which look like those of YAML and SQL and are not."""

from __future__ import annotations

PLAIN = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {
    "\u3000": " ", "“": '"', "”": '"', "‘": "'", "’": "'", "、": ",", "。": ".", "【": "[", "】": "]",
}  # fmt: skip
"""Each full-width sign, letter and digit, and what to write instead."""

COLON = "："
_TABLE = str.maketrans(PLAIN)


def sign_in(text: str) -> str | None:
    """The full-width sign to blame: a colon before any other, else the first."""
    return COLON if COLON in text else next((sign for sign in text if sign in PLAIN), None)


def sign_cure(text: str) -> str:
    """``the sign `：` is full-width; write `:` ``…; nothing for a text without such a sign."""
    sign = sign_in(text)
    if sign is None:
        return ""
    plain = {COLON: "`:` and a space after it", "\u3000": "a plain space"}.get(sign, f"`{PLAIN[sign]}`")
    return f"the sign `{sign}` is full-width; write {plain}"


def plainly(text: str) -> str:
    """The text with plain signs, a space after each colon that was full-width."""
    return text.replace(f"{COLON} ", COLON).replace(COLON, ": ").translate(_TABLE)
