"""A clinic: patients, staff, appointments and what came of them."""
