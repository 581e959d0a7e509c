"""Reads Cairn's stores as schema/store-format.md and schema/column-codecs.md describe them.

It shares no code with Cairn: what both say of the same bytes shows that the documents are whole.
Python 3.9 and its standard library suffice. PyPI's `xxhash` and `lz4` make large stores quicker.
"""
