"""Calendars kept elsewhere: asked of the network and read in a process of their own."""
