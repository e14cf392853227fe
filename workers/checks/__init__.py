"""What a generated project must pass before anyone is told that it is done."""
