"""Who may use which address: roles, tokens and the file that names them. And the headers that protect every answer. It knows no HTTP library and no pack."""
