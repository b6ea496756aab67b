"""Budget, break-even and alerts, from the real figures of the rooms below."""
