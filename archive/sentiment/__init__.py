"""How does the customer feel?"""
