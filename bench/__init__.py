"""Benchmarks: each is one command, `python -m bench.<name>`, and keeps its figures in `bench/results/`."""
