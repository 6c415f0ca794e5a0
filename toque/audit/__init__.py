"""An auditor of the record: reads two exported files, knows the law from its own small tables, and trusts nobody.

It imports nothing of the system that it judges, and nothing but Python's own library.
"""
