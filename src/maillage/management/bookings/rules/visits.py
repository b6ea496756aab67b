"""Why somebody came: three words, chosen in ten seconds, that add up to how a place is used."""

WHO = ("resident", "worker", "company", "association", "student", "traveller")
ACTIVITIES = ("work", "meeting", "making", "help", "social", "event", "other")
OTHERWISE = ("home", "office", "far", "elsewhere", "nowhere")
"""What they would have done without the place: stayed home, gone to the office, driven far, elsewhere, not at all."""


def read_word(text: str, words: tuple[str, ...]) -> str:
    """A word of a list; empty for anything else, which is « not said ».

    >>> read_word("work", ACTIVITIES), read_word("drink", ACTIVITIES)
    ('work', '')
    """
    return text if text in words else ""
