"""How do customers' tags get from the archive to the platforms, and to whoever asks about them?"""
