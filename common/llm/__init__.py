"""What a language model may cost, what it has cost, and which one it is. Nobody is asked here."""
