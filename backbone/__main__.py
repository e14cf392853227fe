"""`python -m backbone` is `backbone`."""

from backbone.main import main

main()
