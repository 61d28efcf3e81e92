"""What a browser tab sends: the table of commands, and one file for each subject."""
