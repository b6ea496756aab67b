"""Settings, URLs and WSGI entry."""
