"""Who may use which address: roles, tokens and the file that names them. It knows no HTTP library and no pack."""
