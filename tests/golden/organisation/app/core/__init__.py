"""What all parts of the application stand on."""
