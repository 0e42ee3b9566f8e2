"""Characters that nobody sees: those taken off both ends of a text, and those that no identifier may hold."""

from __future__ import annotations

BLANK = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
"""What Unicode calls white space; the engines alone would strip fewer."""

UNSEEN = [(0x00, 0x1F), (0x7F, 0x9F), (0xAD, 0xAD), (0x61C, 0x61C), (0x200B, 0x200F), (0x2028, 0x202E), (0x2060, 0x206F), (0xFEFF, 0xFEFF)]
"""Control, zero-width and direction-turning characters, first and last."""

ROUNDED_ID = "^[+-]?[0-9]([.,][0-9]+)?[Ee][+][0-9]+$"
"""1.38001E+10: what a spreadsheet writes of a number that its column had no room for; a pattern that every SQL dialect reads alike."""

FORMULA_SIGNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of a formula."""


def unseen_class() -> str:
    """Any unseen character as a regular expression; the engines' know no \\u, so those beyond Latin stand for themselves."""
    written = [[f"\\x{code:02x}" if code < 0xA0 else chr(code) for code in ends] for ends in UNSEEN]
    return f"[{''.join(first if first == last else f'{first}-{last}' for first, last in written)}]"
