"""How an export is written, in a rubric's words: its encoding and the separator of its cells."""

from __future__ import annotations

import codecs
from typing import Annotated, Any

from pydantic import BeforeValidator, StringConstraints

NO_TEXTS = (
    "idna",
    "punycode",
    "raw-unicode-escape",
    "undefined",
    "unicode-escape",
    "utf-7",
    "utf-32",
    "utf-32-le",
    "utf-32-be",
    "mbcs",
    "oem",
    "charmap",
)
WIDER = {"gbk": "gb18030", "gb2312": "gb18030", "big5": "cp950", "shift_jis": "cp932", "euc_kr": "cp949", "utf-8-sig": "utf-8"}
"""What is written under a name is mostly of the wider set that holds it."""

WHITESPACE = "whitespace"
NAMED = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", WHITESPACE: WHITESPACE}


def encoding_name(value: Any) -> str:
    """An encoding as Python calls it: `GBK`, `cp1252`, `mac-roman`; the wider one where a narrower is usually meant by its name."""
    try:
        found = codecs.lookup(value) if isinstance(value, str) else None
    except (LookupError, ValueError):
        found = None
    if found is None or not found._is_text_encoding or found.name in NO_TEXTS:
        raise ValueError("is no encoding; write one such as utf-8, gb18030, big5, utf-16, cp1252, mac-roman or shift-jis")
    return WIDER.get(found.name, found.name)


def separator_sign(value: Any) -> str:
    """One sign that stands between cells, or its name: `;`, `tab`, `whitespace`."""
    sign = NAMED.get(value.strip().casefold(), value) if isinstance(value, str) else ""
    if sign != WHITESPACE and (len(sign) != 1 or not sign.isascii() or sign.isalnum() or sign in '"\r\n\0. -'):
        raise ValueError('is no separator; write one sign in quotes, such as ";", or tab or whitespace')
    return sign


Encoding = Annotated[str, BeforeValidator(encoding_name, json_schema_input_type=str)]
Separator = Annotated[str, BeforeValidator(separator_sign, json_schema_input_type=str)]
Header = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Beginnings = Annotated[
    list[Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]],
    BeforeValidator(lambda value: [value] if isinstance(value, str) else value, json_schema_input_type=list[str] | str),
]
