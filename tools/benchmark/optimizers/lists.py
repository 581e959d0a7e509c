"""Lists as they are written on a command line."""


def words(text):
    return [word for word in text.split(",") if word]


def seeds(text):
    """`0-4,7` as numbers."""
    found = []
    for word in words(text):
        first, _, last = word.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found
