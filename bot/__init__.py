"""The shell of 店小二: doors, journey, durable state, platform client, console, simulator, wiring."""
