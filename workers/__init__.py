"""One job id in, one artifact out. Knows generation and nothing of HTTP."""
