"""What the assistant knows: facts and wishes of the user, as rows that they see, edit, switch off and delete."""
