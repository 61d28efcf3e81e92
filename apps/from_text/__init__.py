"""Turn what people write for the value of a field into the value: in forms, files and commands of the terminal."""
