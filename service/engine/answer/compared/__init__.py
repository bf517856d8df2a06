"""What an answer says compared with the previous one."""
