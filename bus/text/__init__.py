"""Texts: words of all scripts (`normal`), where they stand (`places`), the terminal (`console`), rows (`formats`)."""
