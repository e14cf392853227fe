"""Who may use the API: users, their passwords, and the tokens that they show."""
