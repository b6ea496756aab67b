"""Programme, registration and attendance of one place."""
