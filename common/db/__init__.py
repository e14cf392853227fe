"""The platform's own database: engine, tables, migrations."""
