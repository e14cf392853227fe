"""What the platform and its projects are made of: licences, known vulnerabilities, a bill."""
