"""How do operators write, try and teach what the bot says? Everything their pages read and do."""
