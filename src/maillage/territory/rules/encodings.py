"""What a browser says it can unpack."""


def takes_gzip(header: str) -> bool:
    """Whether an Accept-Encoding header takes gzip: named, or under « * », and not given the weight nought.

    >>> takes_gzip("gzip, deflate, br"), takes_gzip("br;q=1, *;q=0.1"), takes_gzip("GZIP;q=0.5")
    (True, True, True)
    >>> takes_gzip("gzip;q=0"), takes_gzip("br, notgzip"), takes_gzip(""), takes_gzip("*, gzip; q=0.000")
    (False, False, False, False)
    """
    weights: dict[str, float] = {}
    for one in header[:1000].lower().split(","):
        name, _, parameters = one.partition(";")
        weights[name.strip()] = _weight(parameters)
    return weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0))) > 0


def _weight(parameters: str) -> float:
    """The « q » of these parameters: 1 when none is said, nought when it is not readable."""
    for one in parameters.split(";"):
        name, _, value = one.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
