"""One module per place where data comes from: published files, folders, the demo."""
