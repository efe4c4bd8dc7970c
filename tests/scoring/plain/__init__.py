"""The counting of points once more, in plain Python: written apart from the program's SQL.

`reading` and `workbooks` take the three workbooks, `facts` makes entries of them, `counting`
makes scorecards of the entries. Nothing in here imports the program: where the two differ, one
of them has misread the rules. `departments` writes workbooks of departments nobody thought of.
"""
