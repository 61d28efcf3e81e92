"""The process `jobs`, and the process that it starts for each job."""
