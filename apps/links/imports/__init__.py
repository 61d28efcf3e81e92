"""Link graphs from elsewhere: a CSV file, or an export of Botify."""
