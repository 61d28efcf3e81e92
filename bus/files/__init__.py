"""Files of the data folder that belong to the user alone."""
