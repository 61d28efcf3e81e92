"""What people read about permissions, wherever it stands."""
