def main(argv: list[str] | None = None) -> int:
    """Run one `maillage` command; exit codes: 0 done, 1 refused with a reason, 2 wrong usage."""
    return 2
