"""What the rules say to people: sentences in French, which a page may say in another language."""

from collections.abc import Mapping

NARROW = "\u202f"


class Sentence(str):
    """A sentence as commands and files say it, with plain spaces; `text` with holes, and the `facts` that fill them."""

    __slots__ = ("facts", "text")
    text: str
    facts: Mapping[str, object]


def sentence(text: str, /, **facts: object) -> Sentence:
    """A sentence of the rules; imported as `_`, so that its text stands in the catalogues.

    >>> sentence("dépasse %(n)d caractères", n=200), sentence("compte %(most)s millions de pixels", most=8.3)
    ('dépasse 200 caractères', 'compte 8,3 millions de pixels')
    """
    told = text % {name: _plain(fact) for name, fact in facts.items()} if facts else text
    said = Sentence(told.replace(NARROW, " "))
    said.text, said.facts = text, facts
    return said


def _plain(fact: object) -> object:
    return f"{fact:.1f}".removesuffix(".0").replace(".", ",") if isinstance(fact, float) else fact
