"""Which calls do the platforms know? Pure builders of ApiCall, one module an area; names are paths below /cgi-bin."""
