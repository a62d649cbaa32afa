set(XW_SOURCES model.c model_validate.c outline.c table.c)
