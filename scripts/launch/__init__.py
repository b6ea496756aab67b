"""What `./run` and `./test` share: standard library only, until `.venv` is ready."""
