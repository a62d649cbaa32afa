set(XW_SOURCES bind.c db.c events.c fields.c keep.c list.c stream.c)
