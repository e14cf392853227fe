"""organisation.

An organisation: units within units, people who report to people, skills and projects.
"""
