"""What the API and the workers both speak: the document, jobs, stores, settings, errors."""
