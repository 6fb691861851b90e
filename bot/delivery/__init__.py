"""How does each kind of effect reach the outside world? One module a kind; `bot.outbox` runs them."""
