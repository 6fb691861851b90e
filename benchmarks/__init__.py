"""How fast is it, beside its floor and its peers? Each bench is a module with `main() -> list[Result]`."""
