"""Scripted answers, no model: a server that speaks two wires of language models, for tests.

    python -m backbone.scripted_llm FOLDER PORT

serves each script `FOLDER/NAME.json` under an address of its own:

    http://127.0.0.1:PORT/NAME/v1    OPENAI_BASE_URL
    http://127.0.0.1:PORT/NAME       ANTHROPIC_BASE_URL

What was asked, and what a provider would have billed, is in `FOLDER/NAME.calls`, which outlives the
process: a server that is started again goes on in the middle of its script.
"""
