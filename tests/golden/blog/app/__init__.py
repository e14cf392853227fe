"""A blog with authors, posts, threaded comments and tags."""
