"""hostile-names_2.

Everything that tends to break generators: keywords, quotes \"\"" and ''', braces {{ 7 *
7 }} {% raw %}, ${x}, %s, back\\slashes, Größe, 名前, \\u202eright to left\\u202c, a line
break, and a backslash at the end \\
"""
