"""Apps of one's own, without pip: files in the folder `apps` of the data folder, and declarations. Both are rows.

The store alone decides which app is there, and in which version: it checks a file or a declaration, makes the tables,
and writes the row of the table `app`. Its fact makes every process load that app again (`loading`).
"""
