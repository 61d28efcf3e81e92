"""The form in which an app is declared: what it holds, and the declaration that it means."""
