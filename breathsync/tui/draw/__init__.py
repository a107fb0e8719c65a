"""Pictures as rows of characters: pure functions, numpy only, no Textual."""
