from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage


class Statics(CompressedManifestStaticFilesStorage):
    """Hashed and compressed static files; what the front-end build has not made is served plain or left out."""

    def stored_name(self, name: str) -> str:
        """The hashed name of a file, or its plain name before `collectstatic` has run."""
        return self.hashed_files.get(self.hash_key(self.clean_name(name)), name)

    def hashed_name(self, name: str, *args: Any, **kwargs: Any) -> str:
        """Keep the plain name of a file that a style sheet asks for and that has not been built."""
        try:
            return super().hashed_name(name, *args, **kwargs)
        except ValueError:
            return name
