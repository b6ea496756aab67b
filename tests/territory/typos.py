"""One random typo in a text, as fingers make them."""

from hypothesis import strategies as st


@st.composite
def edits(draw: st.DrawFn, text: str, alphabet: str = "abcdefghijklmnopqrstuvwxyz -'") -> str:
    """`text` with one letter wrong, too many or missing, or two neighbours swapped."""
    kind = draw(st.sampled_from(["wrong", "more", "less", "swap"]))
    if kind == "more":
        at = draw(st.integers(0, len(text)))
        return text[:at] + draw(st.sampled_from(alphabet)) + text[at:]
    at = draw(st.integers(0, len(text) - 1))
    if kind == "wrong":
        return text[:at] + draw(st.sampled_from(alphabet)) + text[at + 1 :]
    if kind == "less" or at == len(text) - 1:
        return text[:at] + text[at + 1 :]
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
