"""Files of other task lists: recognised by what is in them, and read as todos. And todos as an iCalendar file.

One file for each program. None of them is an API: the shapes are those of files that people have on their disks.
"""
