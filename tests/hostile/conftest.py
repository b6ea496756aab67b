from tests.authorisation.conftest import quiet, world

__all__ = ["quiet", "world"]
