"""How conversations branch: which messages of which conversations one of them shows and tells."""
