"""Text of all scripts: a form in which equal words are equal (`normal`), and where words stand (`places`)."""
