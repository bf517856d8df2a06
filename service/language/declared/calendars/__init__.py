"""The calendars of a pack, by which working and trading days are counted."""
