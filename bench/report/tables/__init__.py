"""The analysis as tables: Markdown, LaTeX and CSV."""
