"""A folder of documents, each generated and verified, and judged by what is expected of it."""
