"""All routes of the API, by table."""

from app.api.routes import (
    appointments,
    diagnoses,
    doctors,
    medical_records,
    patients,
    rooms,
)

# The application includes each by itself: one router around them would be searched before them
ROUTERS = (
    appointments.router,
    diagnoses.router,
    doctors.router,
    medical_records.router,
    patients.router,
    rooms.router,
)
