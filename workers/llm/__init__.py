"""What a language model is asked, and by what it is held: prompts, providers, quotas, repairs."""
