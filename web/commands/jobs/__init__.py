"""What a tab sends about jobs."""
