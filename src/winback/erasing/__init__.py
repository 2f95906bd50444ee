"""Takes people out of files: of tables, texts, workbooks and caches, whoever wrote them."""
