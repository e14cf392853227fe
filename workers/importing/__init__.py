"""From a database, or its DDL, to a project document and a list of what it could not say."""
