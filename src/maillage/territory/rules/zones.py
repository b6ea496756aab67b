"""The clock of each part of France."""

PARIS = "Europe/Paris"
OVERSEAS = {
    "971": "America/Guadeloupe",
    "972": "America/Martinique",
    "973": "America/Cayenne",
    "974": "Indian/Reunion",
    "975": "America/Miquelon",
    "976": "Indian/Mayotte",
    "977": "America/Guadeloupe",
    "978": "America/Guadeloupe",
    "986": "Pacific/Wallis",
    "987": "Pacific/Tahiti",
    "988": "Pacific/Noumea",
}


def zone_of(departement_code: str | None) -> str:
    """Name the IANA time zone of a département or overseas collectivity; Paris where nothing else is known.

    >>> zone_of("39"), zone_of("974"), zone_of(None)
    ('Europe/Paris', 'Indian/Reunion', 'Europe/Paris')
    """
    return OVERSEAS.get(departement_code or "", PARIS)
