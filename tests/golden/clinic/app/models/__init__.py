"""The tables of the database and the classes that stand for their rows."""

from app.models.appointments import Appointment
from app.models.diagnoses import Diagnosis
from app.models.doctors import Doctor
from app.models.enums import AppointmentState, DoctorSpeciality, PatientBloodGroup
from app.models.medical_records import MedicalRecord
from app.models.patients import Patient
from app.models.rooms import Room

__all__ = [
    "Appointment",
    "AppointmentState",
    "Diagnosis",
    "Doctor",
    "DoctorSpeciality",
    "MedicalRecord",
    "Patient",
    "PatientBloodGroup",
    "Room",
]
