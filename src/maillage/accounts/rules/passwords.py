"""Passwords that people try first, in French: the list that Django brings is of English words."""

import re
import unicodedata

WORDS = """
motdepasse motdepass mdp password azerty azertyuiop qsdfghjklm wxcvbn qwerty bonjour bonsoir coucou bienvenue
soleil doudou loulou chouchou nounours cheval chocolat jetaime monamour marseille paris france tierslieux
tierslieu maillage admin administrateur secret identifiant connexion utilisateur mercredi
"""
STEMS = sorted(WORDS.split(), key=len, reverse=True)
LEAST_LEFT = 5
LEAST_DISTINCT = 5
_DISGUISES = str.maketrans("013457@$!€", "oieastasie")


def easy_to_guess(password: str) -> bool:
    """Whether hardly anything is left of a password once the words that everybody tries are taken out.

    >>> easy_to_guess("motdepasse123"), easy_to_guess("M0t-de-P@sse 2026"), easy_to_guess("aaaaaaaaaaaa")
    (True, True, True)
    >>> easy_to_guess("quatre mots sans rapport"), easy_to_guess("bonjour vieux tilleul")
    (False, False)
    """
    if len(set(password)) < LEAST_DISTINCT:
        return True
    plain = "".join(one for one in unicodedata.normalize("NFKD", password.lower()) if not unicodedata.combining(one))
    return any(_hardly_more(text) for text in (plain, plain.translate(_DISGUISES)))


def _hardly_more(text: str) -> bool:
    letters = re.sub(r"[^a-z]", "", text)
    left = re.sub("|".join(STEMS), "", letters)
    return left != letters and len(left) < LEAST_LEFT
