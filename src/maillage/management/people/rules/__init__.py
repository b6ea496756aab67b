"""Who is who in one place, decided on plain words: numbers, names, likenesses, memberships, what was entered."""
