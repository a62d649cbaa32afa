set(XW_SOURCES map.c map_check.c map_cycles.c model.c model_part.c model_validate.c noder.c noder_edges.c noder_nodes.c outline.c pixel.c)
