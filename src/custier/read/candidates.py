"""Which encodings a text that nobody declared, or that was declared wrongly, may be in: those that decode all of it into usual signs."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from pathlib import Path

from custier.read.hanzi import COMMON
from custier.read.transcode import Decoded, decode

MOSTLY = 0.6
LATIN = ("cp1252", "mac-roman", "cp1250")
LONGEST_LATIN_RUN = 3
"""Letters with accents stand between letters without."""

CERTAIN_CHARACTERS = 3
FEW_SIGNS = 100
COMMON_OF_MANY = 0.4
"""Of any two bytes that are Chinese in GB18030 fewer than a quarter are a common sign."""

WESTERN = frozenset("àáâãäåæçèéêëìíîïñòóôõöøùúûüßœÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜŒ\u00a0‘’“”–—…•€£®™©°«»¿¡·×½¼¾")
CENTRAL = frozenset("áäąâăćčçďéëěęíîĺľłńňóôöőŕřśšşßťţúůüűýźžżÁÄĄÂĂĆČÇĎÉËĚĘÍÎĹĽŁŃŇÓÔÖŐŔŘŚŠŞŤŢÚŮÜŰÝŹŽŻ\u00a0‘’“”„–—…€")


def _lead(character: str, encoding: str) -> int:
    """The first byte of a character; 0 where the encoding lacks it."""
    try:
        return character.encode(encoding)[0]
    except UnicodeEncodeError:
        return 0


def _is_usual_chinese(character: str) -> bool:
    """One of the signs of GB2312 or, in traditional writing, of those most used; never what an accent and a letter make together."""
    written, simplified = character.encode("gb18030"), _lead(character, "gb2312")
    if len(written) != 2 or written[1] < 0x80:
        return False
    return simplified in (0xA1, 0xA2, 0xA3) or simplified >= 0xB0 or 0xA4 <= _lead(character, "big5") <= 0xC6


USUAL: dict[str, Callable[[str], bool]] = {
    "gb18030": _is_usual_chinese,
    "big5": lambda c: 0xA1 <= _lead(c, "cp950") <= 0xC6,
    "shift-jis": lambda c: "\u3000" <= c <= "\u30ff" or 0x81 <= _lead(c, "cp932") <= 0x97,
    "euc-kr": lambda c: 0xA1 <= _lead(c, "euc_kr") <= 0xC8,
    "cp1252": lambda c: c in WESTERN,
    "mac-roman": lambda c: c in WESTERN and c.islower(),
    "cp1250": lambda c: c in CENTRAL,
    "koi8-r": lambda c: "а" <= c <= "я" or c == "ё",
    "cp1251": lambda c: "А" <= c <= "я" or c in "Ёё«»№–—\u00a0",
    "cp1256": lambda c: "\u060c" <= c <= "\u06d2",
}
"""Encoding as a rubric names it → whether a character that is not ASCII is usual in texts that are written in it; the likeliest first."""


def is_usual(decoded: Decoded) -> bool:
    """Whether the signs are mostly those of texts in this encoding: almost any bytes decode as rare Chinese, or as some accents."""
    usual = USUAL.get(decoded.encoding)
    if decoded.encoding in LATIN and len(decoded.foreign) > LONGEST_LATIN_RUN * decoded.runs:
        return False
    return usual is None or sum(map(usual, decoded.foreign)) >= MOSTLY * len(decoded.foreign)


def is_common(decoded: Decoded) -> bool:
    """Whether signs that decode as usual Chinese are also common ones: names in Cyrillic, Korean or Arabic letters decode as others."""
    signs = set(decoded.foreign)
    if decoded.encoding != "gb18030":
        return True
    if len(signs) < FEW_SIGNS:
        return len(signs & COMMON) * 2 > len(signs)
    return sum(sign in COMMON for sign in decoded.foreign) >= COMMON_OF_MANY * len(decoded.foreign)


def is_surely(decoded: Decoded) -> bool:
    """Whether all of a text is in this encoding, and by accident in one text of a thousand only."""
    return decoded.stop is None and len(decoded.foreign) >= CERTAIN_CHARACTERS and is_usual(decoded) and is_common(decoded)


def candidates(plain: Path, declared: str | None = None) -> list[str]:
    """The encodings that a file may be in, the likeliest first, other than the one it was declared in."""
    if unmarked := _utf_16(plain):
        names = [unmarked]
    else:
        names = ["utf-8", *sorted(USUAL, key=lambda name: name == "cp1252" and _ends_lines_by_returns(plain))]
    tried = (decode(plain, name) for name in names if codecs.lookup(name).name != declared)
    fitting = [found for found in tried if found.stop is None and is_usual(found)]
    return [found.encoding for found in sorted(fitting, key=lambda found: not is_common(found))]


def _utf_16(plain: Path) -> str | None:
    """Latin letters, digits and commas have a zero byte each in UTF-16: after the sign, or before it."""
    with plain.open("rb") as file:
        head = file.read(4096)
    after, before = head[1::2].count(0), head[::2].count(0)
    return None if after == before else "utf-16-le" if after > before else "utf-16-be"


def _ends_lines_by_returns(plain: Path) -> bool:
    """As only old Macs did."""
    with plain.open("rb") as file:
        head = file.read(1 << 16)
    return b"\r" in head and b"\n" not in head
