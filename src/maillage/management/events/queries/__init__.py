"""What is read of the programme."""
