"""How people speak: the files of `languages/`, and phrases with their gaps filled."""
