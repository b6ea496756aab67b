"""Site shell, home, and pages composed of several rooms."""
