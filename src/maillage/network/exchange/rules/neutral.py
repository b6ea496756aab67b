"""Text cells that a spreadsheet would run as a formula are made harmless, and given back exactly."""

import re

DANGEROUS = "=+\\-@\t\r\n＝＋－＠"
_TO_NEUTRALISE = re.compile(f"'*[ \u00a0\ufeff]*[{DANGEROUS}]")
_NEUTRALISED = re.compile(f"'+[ \u00a0\ufeff]*[{DANGEROUS}]")


def neutralise(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would run; `restore` takes it away again.

    >>> neutralise("=SOMME(A1)"), neutralise("L’été"), neutralise("'=1")
    ("'=SOMME(A1)", 'L’été', "''=1")
    """
    return f"'{text}" if _TO_NEUTRALISE.match(text) else text


def restore(text: str) -> str:
    """Give back the text as it was before `neutralise`.

    >>> restore("'=SOMME(A1)"), restore("'quote")
    ('=SOMME(A1)', "'quote")
    """
    return text[1:] if _NEUTRALISED.match(text) else text
