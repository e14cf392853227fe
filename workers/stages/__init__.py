"""The stages of a job: functions of values that never touch stores, settings or the queue."""
