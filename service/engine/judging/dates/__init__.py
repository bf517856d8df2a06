"""When something is due: days of calendars, deadlines, the order of actions."""
