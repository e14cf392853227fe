"""Operations, by their examples."""
