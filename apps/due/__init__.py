"""What is due: which days lie near, how a due date is said, put off, and comes again. Pure.

`now` is what the reader's clock shows.
"""
