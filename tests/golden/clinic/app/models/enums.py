"""The values that columns choose from."""

import enum


class AppointmentState(enum.StrEnum):
    """Values of appointments.state."""

    BOOKED = "booked"
    ARRIVED = "arrived"
    IN_PROGRESS = "in progress"
    DONE = "done"
    MISSED = "missed"


class DoctorSpeciality(enum.StrEnum):
    """Values of doctors.speciality."""

    GENERAL = "general"
    SURGERY = "surgery"
    PAEDIATRICS = "paediatrics"
    RADIOLOGY = "radiology"
    CARDIOLOGY = "cardiology"


class PatientBloodGroup(enum.StrEnum):
    """Values of patients.blood_group."""

    A = "A+"
    A_2 = "A-"
    B = "B+"
    B_2 = "B-"
    AB = "AB+"
    AB_2 = "AB-"
    VALUE_0 = "0+"
    VALUE_0_2 = "0-"
