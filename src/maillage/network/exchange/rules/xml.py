"""Text inside XML, whatever it holds."""

import re
from xml.sax.saxutils import escape, quoteattr

_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no way to write, even escaped."""


def text(said: object) -> str:
    """A text as the content of an element.

    >>> text("<b>L’Été</b> & co\\x0b")
    '&lt;b&gt;L’Été&lt;/b&gt; &amp; co'
    """
    return escape(_UNWRITABLE.sub("", str(said)))


def attribute(said: object) -> str:
    """A text as the value of an attribute, quotes included.

    >>> attribute('https://a.fr/?x="1"&y=2')
    '\\'https://a.fr/?x="1"&amp;y=2\\''
    """
    return quoteattr(_UNWRITABLE.sub("", str(said)))


def element(name: str, said: object) -> str:
    """An element that holds a text; nothing for an empty one.

    >>> element("name", "La Maille"), element("desc", "")
    ('<name>La Maille</name>', '')
    """
    return f"<{name}>{text(said)}</{name}>" if said not in (None, "") else ""
