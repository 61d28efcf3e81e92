"""The words of each language, as tables. Each file has the same keys; `language.py` says what each means."""
