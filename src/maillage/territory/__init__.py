"""Where: régions, départements, EPCI, communes, each figure with its source and vintage."""
