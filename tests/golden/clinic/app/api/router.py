"""All routes of the API."""

from fastapi import APIRouter

from app.api.routes import (
    appointments,
    diagnoses,
    doctors,
    medical_records,
    patients,
    rooms,
)

router = APIRouter()
router.include_router(appointments.router)
router.include_router(diagnoses.router)
router.include_router(doctors.router)
router.include_router(medical_records.router)
router.include_router(patients.router)
router.include_router(rooms.router)
