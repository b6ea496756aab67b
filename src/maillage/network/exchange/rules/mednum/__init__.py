"""The standard « lieux de médiation numérique »: its table, its words, how a row is told, heard and checked."""
