"""Link graphs from elsewhere: a CSV file, or Botify."""
