set(XW_SOURCES chars.c fold.c index.c match.c registry.c score.c search.c terms.c)
