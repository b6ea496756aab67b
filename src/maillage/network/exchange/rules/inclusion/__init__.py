"""The schema data·inclusion: structures and services, how a place is told, heard and checked."""
